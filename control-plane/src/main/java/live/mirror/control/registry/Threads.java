package live.mirror.control.registry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/** Waits for our own threads to end. */
final class Threads {

    private static final Duration LIMIT = Duration.ofSeconds(1);

    private Threads() {}

    /** Ends a wait that nobody needs any more. */
    static void interrupt(@Nullable Thread thread) {
        if (thread != null) {
            thread.interrupt();
        }
    }

    /** Returns when the thread has ended, or after a second. */
    static void join(@Nullable Thread thread) {
        if (thread == null) {
            return;
        }
        try {
            boolean ended = thread.join(LIMIT);
            if (!ended) {
                System.getLogger(Threads.class.getName())
                        .log(System.Logger.Level.WARNING, thread.getName() + " does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
