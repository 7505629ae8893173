package live.mirror.control.registry;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Has the registry do what is due, on a virtual thread of its own, in every replica. */
public final class Sweeper implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Sweeper.class.getName());

    private final Registry registry;
    private final Duration interval;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    /** Starts. */
    public Sweeper(Registry registry) {
        this.registry = registry;
        this.interval = registry.settings().sweepInterval();
        this.thread = Thread.ofVirtual().name("sweeper").unstarted(this::run);
        thread.start();
    }

    private void run() {
        boolean away = false;
        try {
            do {
                try {
                    while (registry.sweep()) {
                        LOG.log(Level.DEBUG, "more is due");
                    }
                    if (away) {
                        LOG.log(Level.INFO, "the registry is back");
                    }
                    away = false;
                } catch (RegistryAwayException e) {
                    if (!away) {
                        LOG.log(Level.WARNING, "the registry is away: " + e.getMessage());
                    }
                    away = true;
                }
            } while (!closed.await(interval.toMillis(), TimeUnit.MILLISECONDS));
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
