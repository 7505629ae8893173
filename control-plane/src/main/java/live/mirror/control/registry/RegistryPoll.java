package live.mirror.control.registry;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Asks the registry once a second for what figures and health need, so that a scrape never waits
 * for Redis. Runs on a virtual thread of its own.
 */
public final class RegistryPoll implements AutoCloseable {

    private final Registry registry;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile Summary last = Summary.NOTHING;
    private volatile boolean up;

    /** Starts. */
    public RegistryPoll(Registry registry) {
        this.registry = registry;
        this.thread = Thread.ofVirtual().name("registry-poll").unstarted(this::run);
        thread.start();
    }

    /** The latest answer. */
    public Summary last() {
        return last;
    }

    /** Whether the last question was answered. */
    public boolean isUp() {
        return up;
    }

    private void run() {
        try {
            do {
                try {
                    last = registry.summary();
                    up = true;
                } catch (RegistryAwayException e) {
                    // The sweeper, which asks more often, has logged it.
                    up = false;
                }
            } while (!closed.await(1, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        Threads.join(thread);
    }
}
