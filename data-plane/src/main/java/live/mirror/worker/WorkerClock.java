package live.mirror.worker;

import live.mirror.stream.LiveStreams;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets time pass: reconnect windows ten times a second, figures once a second, all on one daemon
 * thread.
 */
final class WorkerClock {

    private static final Logger LOG = System.getLogger(WorkerClock.class.getName());
    private static final long WINDOW_INTERVAL_MS = 100;
    private static final int INTERVALS_PER_SAMPLE = 10;

    private final LiveStreams streams;
    private final ProcessLoad load;
    private final CountDownLatch closed = new CountDownLatch(1);

    WorkerClock(LiveStreams streams, ProcessLoad load) {
        this.streams = streams;
        this.load = load;
        Thread.ofPlatform().daemon().name("clock").start(this::run);
    }

    void close() {
        closed.countDown();
    }

    private void run() {
        try {
            for (int interval = 1;
                    !closed.await(WINDOW_INTERVAL_MS, TimeUnit.MILLISECONDS);
                    interval++) {
                tick(System.nanoTime(), interval % INTERVALS_PER_SAMPLE == 0);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void tick(long nowNs, boolean sample) {
        try {
            streams.timePassed(nowNs);
            if (sample) {
                load.sample(nowNs);
                streams.all().forEach(stream -> stream.sample(nowNs));
            }
        } catch (RuntimeException e) {
            // One stream's fault must not stop the clock of all others.
            LOG.log(Level.ERROR, "the clock stumbled and goes on", e);
        }
    }
}
