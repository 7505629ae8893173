package live.mirror.receive.srt;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Closes connections on a thread of its own, because a close waits for libsrt's threads, and some
 * time later has the memory that they leave behind given back to the system.
 */
final class Reaper {

    /** libsrt frees a connection some seconds after its close. */
    private static final Duration FREED_AFTER = Duration.ofSeconds(10);

    private static final System.Logger LOG = System.getLogger(Reaper.class.getName());

    private final SrtTransport transport;
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().name("srt-reaper").daemon().factory());

    // The thread's own.
    private boolean trimDue;

    Reaper(SrtTransport transport) {
        this.transport = transport;
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    /** Has it closed. Any thread; never blocks. */
    void close(SrtConnection connection) {
        thread.execute(() -> {
            connection.close();
            if (!trimDue) {
                trimDue = true;
                Future<?> _ =
                        thread.schedule(this::trim, FREED_AFTER.toSeconds(), TimeUnit.SECONDS);
            }
        });
    }

    private void trim() {
        trimDue = false;
        transport.trim();
    }

    /** Takes nothing more; what waits to be closed is closed within this time. */
    void shutDown(Duration grace) throws InterruptedException {
        thread.shutdown();
        if (!thread.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "connections did not end within {0,number,#} ms",
                    grace.toMillis());
            thread.shutdownNow();
        }
    }
}
