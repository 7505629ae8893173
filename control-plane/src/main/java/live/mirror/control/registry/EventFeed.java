package live.mirror.control.registry;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;

import io.lettuce.core.Limit;
import io.lettuce.core.Range;
import io.lettuce.core.RedisException;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XReadArgs;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Reads the registry's events in their order, on a connection and a virtual thread of its own.
 * After a break it goes on behind the last event read, or at the end when Redis lost its data; what
 * is missed then is settled by the workers' next full reports.
 */
public final class EventFeed implements AutoCloseable {

    private static final Logger LOG = System.getLogger(EventFeed.class.getName());

    /** The kind of an event that is in no registry: this feed has missed some. */
    private static final String BREAK = "break";

    /** How long Redis holds a read that finds nothing. */
    static final Duration BLOCK = Duration.ofSeconds(1);

    /** In a storm of changes each would be a read of its own otherwise. */
    private static final Duration GATHER = Duration.ofMillis(5);

    /** Where a stream without events ends. */
    private static final String NONE = "0-0";

    private final RedisScripts scripts;
    private final String key;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile String last = "";
    private @Nullable Thread thread;

    /**
     * One change.
     *
     * @param id its place in the order of events
     * @param fields by name; {@code kind} says what it is
     */
    public record Event(String id, Map<String, String> fields) {

        /** A field, empty when it is not there. */
        public String get(String field) {
            return fields.getOrDefault(field, "");
        }

        /** When, by the registry's clock. */
        public Timestamp at() {
            return Timestamps.fromMillis(Names.number(id.split("-", 2)[0]));
        }

        /** Whether it came after another one. */
        public boolean isBehind(String other) {
            return compare(id, other) > 0;
        }

        /** Whether events before it were lost, so that nobody can go on from one of them. */
        public boolean isBreak() {
            return get("kind").equals(BREAK);
        }

        /** A number out of a field, 0 when it is not there. */
        public long number(String field) {
            return Names.number(get(field));
        }

        /** Where packagers subscribe now, out of the field {@code moved_to}; empty for nowhere. */
        public String movedTo() {
            return WorkerRecord.addresses(get("moved_to")).getDelivery();
        }

        /** The reason in the field {@code reason}. */
        public live.mirror.v1.Reason reason() {
            return Names.reason(get("reason"));
        }
    }

    EventFeed(RedisScripts scripts, String key) {
        this.scripts = scripts;
        this.key = key;
    }

    /** Starts reading; the listener is called on the feed's thread and must not block. */
    public void start(Consumer<Event> listener) {
        thread = Thread.ofVirtual().name("event-feed").start(() -> run(listener));
    }

    private void run(Consumer<Event> listener) {
        boolean told = false;
        while (closed.getCount() > 0) {
            try (RedisConnector.Connection connection = scripts.dedicatedConnection()) {
                told = false;
                read(connection, listener);
            } catch (RedisException | CancellationException e) {
                if (!told && closed.getCount() > 0) {
                    LOG.log(Level.WARNING, "no events from the registry: " + e.getMessage());
                    told = true;
                }
                pause();
            }
        }
    }

    private void read(RedisConnector.Connection connection, Consumer<Event> listener) {
        boolean missed = !last.isEmpty() && !isKept(connection);
        String end = endOf(connection);
        if (last.isEmpty() || compare(end, last) < 0) {
            last = end;
        }
        if (missed) {
            hand(new Event(last, Map.of("kind", BREAK)), listener);
        }
        while (closed.getCount() > 0) {
            List<StreamMessage<String, String>> messages = readBehind(connection);
            for (StreamMessage<String, String> message : messages) {
                last = message.getId();
                hand(new Event(message.getId(), message.getBody()), listener);
            }
            if (!messages.isEmpty()) {
                // Those that come soon after are read together.
                LockSupport.parkNanos(GATHER.toNanos());
            }
        }
    }

    private static void hand(Event event, Consumer<Event> listener) {
        try {
            listener.accept(event);
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "an event could not be handled: " + event, e);
        }
    }

    /** Whether the last event read is still there, and so all that came behind it. */
    private boolean isKept(RedisConnector.Connection connection) {
        return last.equals(NONE)
                || !connection.sync().xrange(key, Range.create(last, last)).isEmpty();
    }

    @SuppressWarnings("unchecked") // The generic varargs of xread hold one offset and are not kept.
    private List<StreamMessage<String, String>> readBehind(RedisConnector.Connection connection) {
        return connection
                .sync()
                .xread(
                        XReadArgs.Builder.block(BLOCK).count(1_000),
                        XReadArgs.StreamOffset.from(key, last));
    }

    private String endOf(RedisConnector.Connection connection) {
        List<StreamMessage<String, String>> newest =
                connection.sync().xrevrange(key, Range.unbounded(), Limit.from(1));
        return newest.isEmpty() ? NONE : newest.getFirst().getId();
    }

    private static int compare(String a, String b) {
        String[] left = a.split("-", 2);
        String[] right = b.split("-", 2);
        int byTime = Long.compare(Long.parseLong(left[0]), Long.parseLong(right[0]));
        return byTime != 0
                ? byTime
                : Long.compare(Long.parseLong(left[1]), Long.parseLong(right[1]));
    }

    private void pause() {
        try {
            boolean ending = closed.await(250, TimeUnit.MILLISECONDS);
            LOG.log(Level.DEBUG, ending ? "ending" : "reading again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            closed.countDown();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        Threads.interrupt(thread);
        Threads.join(thread);
    }
}
