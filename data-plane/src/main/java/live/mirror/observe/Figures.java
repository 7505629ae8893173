package live.mirror.observe;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.Tag;

import live.mirror.contract.StreamId;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.StreamListener;
import live.mirror.stream.StreamState;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamStats;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * The worker's metrics catalogue: name, help and source of every figure. The series of a stream
 * begin with its first admission and end with it; refused attempts never make one, and beyond a
 * bound of streams there are only the sums.
 */
public final class Figures implements StreamListener {

    /**
     * Streams that get series of their own; the rest are counted in {@code
     * mirror_unlisted_streams_total}.
     */
    static final int MAX_STREAM_SERIES = 2_000;

    private final MeterRegistry registry;
    private final Map<StreamId, List<FunctionalCounter>> series = new ConcurrentHashMap<>();
    private final AtomicLong unlisted = new AtomicLong();

    // The registry holds what a counter reads only weakly: a lambda would be collected, and its
    // counter would stand still.
    private final Queue<LongSupplier> sources = new ConcurrentLinkedQueue<>();

    /** What a stream's errors are called. */
    private enum ErrorType {
        LOST,
        DROPPED,
        UNDECRYPTED;

        long count(StreamStats stats) {
            return switch (this) {
                case LOST -> stats.getLostPackets();
                case DROPPED -> stats.getDroppedPackets();
                case UNDECRYPTED -> stats.getUndecryptedPackets();
            };
        }
    }

    /** Registers the worker's figures and follows its streams. */
    public Figures(MeterRegistry registry, LiveStreams streams) {
        this.registry = registry;
        gauge("mirror_active_streams_total", "Streams that this worker holds.", streams::count);
        counter(
                "mirror_unlisted_streams_total",
                "Streams without series of their own, because there are too many.",
                unlisted::get);
        streams.addListener(this);
    }

    /** Adds a figure that goes up and down. */
    public void gauge(String name, String help, Supplier<? extends Number> source) {
        registry.getOrCreate(
                Gauge.builder(name, () -> source.get().doubleValue()).description(help));
    }

    /** Adds a figure that is always 1 and tells something by its labels. */
    public void info(String name, String help, Map<String, String> labels) {
        registry.getOrCreate(
                Gauge.builder(name, () -> 1)
                        .description(help)
                        .tags(
                                labels.entrySet().stream()
                                        .map(label -> Tag.create(label.getKey(), label.getValue()))
                                        .toList()));
    }

    /** Adds a figure that only grows. */
    public void counter(String name, String help, LongSupplier source) {
        sources.add(source);
        registry.getOrCreate(
                FunctionalCounter.builder(name, source, LongSupplier::getAsLong).description(help));
    }

    /** A figure that can be taken out again. */
    @FunctionalInterface
    public interface Removable {
        /** Takes it out. */
        void remove();
    }

    /**
     * Adds a figure that only grows, of something that comes and goes.
     *
     * @param of what it is read from; the registry holds it weakly
     * @param labels their names and values in turn
     */
    public <T> Removable counter(
            String name, String help, T of, ToLongFunction<T> source, String... labels) {
        FunctionalCounter counter =
                registry.getOrCreate(
                        FunctionalCounter.builder(name, of, source::applyAsLong)
                                .description(help)
                                .tags(tags(labels)));
        return () -> registry.remove(counter);
    }

    /** Adds a figure that goes up and down, of something that comes and goes. */
    public <T> Removable gauge(
            String name, String help, T of, ToLongFunction<T> source, String... labels) {
        Gauge<Double> gauge =
                registry.getOrCreate(
                        Gauge.builder(name, of, it -> (double) source.applyAsLong(it))
                                .description(help)
                                .tags(tags(labels)));
        return () -> registry.remove(gauge);
    }

    private static List<Tag> tags(String... labels) {
        List<Tag> tags = new ArrayList<>();
        for (int i = 0; i < labels.length; i += 2) {
            tags.add(Tag.create(labels[i], labels[i + 1]));
        }
        return tags;
    }

    @Override
    public void stateChanged(LiveStream stream, StreamState from, StreamState to, Reason reason) {
        if (to instanceof StreamState.Stopped) {
            List<FunctionalCounter> ended = series.remove(stream.id());
            if (ended != null) {
                ended.forEach(registry::remove);
            }
        } else if (!series.containsKey(stream.id())) {
            if (series.size() < MAX_STREAM_SERIES) {
                series.put(stream.id(), seriesOf(stream));
            } else {
                unlisted.incrementAndGet();
            }
        }
    }

    private List<FunctionalCounter> seriesOf(LiveStream stream) {
        Tag id = Tag.create("stream_id", stream.id().value());
        Tag protocol = Tag.create("protocol", name(stream.protocol()));
        List<FunctionalCounter> counters = new ArrayList<>();
        counters.add(
                registry.getOrCreate(
                        FunctionalCounter.builder(
                                        "mirror_stream_bytes_total",
                                        stream,
                                        s -> s.stats().getBytes())
                                .description("Media bytes received.")
                                .tags(List.of(id, protocol))));
        for (ErrorType type : ErrorType.values()) {
            Tag errorType = Tag.create("error_type", type.name().toLowerCase(Locale.ROOT));
            counters.add(
                    registry.getOrCreate(
                            FunctionalCounter.builder(
                                            "mirror_stream_errors_total",
                                            stream,
                                            s -> type.count(s.stats()))
                                    .description(
                                            "Packets lost (found missing, repaired or not), dropped"
                                                    + " (never delivered) or undecrypted.")
                                    .tags(List.of(id, protocol, errorType))));
        }
        return counters;
    }

    private static String name(Protocol protocol) {
        return protocol.name().substring("PROTOCOL_".length()).toLowerCase(Locale.ROOT);
    }
}
