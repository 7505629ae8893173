package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** A receiver on loopback that has been started, with all that it asks and feeds. */
public final class StartedReceiver implements AutoCloseable {

    static final int RING_BYTES = 16 << 20;

    final FakeAdmission admission = new FakeAdmission();
    final Definitions definitions = new Definitions();
    final Refusals refusals = new Refusals();
    final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(4), RING_BYTES, 64 << 20),
                    InstantSource.system());
    private final RtpReceiver receiver;

    /** With these settings; the port is the system's choice. */
    StartedReceiver(Map<String, String> settings) {
        this(settings, streams -> RtpObserver.NONE);
    }

    /** The same with somebody who hears of its sockets and sessions. */
    public StartedReceiver(
            Map<String, String> settings, Function<LiveStreams, RtpObserver> observer) {
        Map<String, String> values = new HashMap<>(Map.of("rtp.listen", "127.0.0.1:0"));
        values.putAll(settings);
        receiver =
                new RtpReceiver(
                        RtpSettings.read(new SettingsReader(values)),
                        streams,
                        admission,
                        definitions,
                        refusals,
                        InstantSource.system(),
                        observer.apply(streams));
        receiver.start();
    }

    /** The receiver. */
    public RtpReceiver receiver() {
        return receiver;
    }

    /** These definitions hold, and all of their ports are open. */
    public void define(RtpDefinition... wanted) {
        assertThat(receiver.define(List.of(wanted))).isEmpty();
    }

    /** The stream, once it is there. */
    LiveStream await(StreamId id) {
        Waiting.until(id + " is there", () -> streams.find(id).isPresent());
        return streams.find(id).orElseThrow();
    }

    @Override
    public void close() {
        receiver.close();
    }
}
