package live.mirror.link;

import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Lets go of publishers one after another, so that they come back elsewhere without a rush: one in
 * twenty a second, faster where the time given is shorter. A virtual thread of its own for each
 * drain; undoing it ends that thread.
 */
final class Drainer {

    private static final Duration GENTLE = Duration.ofSeconds(20);

    private final LiveStreams streams;
    private @Nullable Thread running;

    Drainer(LiveStreams streams) {
        this.streams = streams;
    }

    /** Begins to let go, or begins again with another time. */
    synchronized void start(Duration within) {
        stop();
        running = Thread.ofVirtual().name("drain").start(() -> letGo(within));
    }

    /** Lets nobody else go. */
    synchronized void stop() {
        if (running != null) {
            running.interrupt();
            running = null;
        }
    }

    private void letGo(Duration within) {
        List<LiveStream> held = List.copyOf(streams.all());
        Duration span = within.compareTo(GENTLE) < 0 ? within : GENTLE;
        long pauseNs = held.isEmpty() ? 0 : span.toNanos() / held.size();
        try {
            for (LiveStream stream : held) {
                TimeUnit.NANOSECONDS.sleep(pauseNs);
                streams.end(stream.id(), stream.state().epoch(), Reason.REASON_DRAINING);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
