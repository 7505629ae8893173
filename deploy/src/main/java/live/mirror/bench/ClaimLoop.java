package live.mirror.bench;

import java.util.List;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/**
 * Claims in a closed loop: so many are under way at one time, of all workers together and of each
 * in its turn, and the next begins when one is answered. The answers come on the fake workers'
 * event loop, which begins the next ones too, so that the generator wakes no thread for a claim.
 */
final class ClaimLoop {

    private static final long LIMIT_S = 120;

    private final List<BenchWorker> workers;
    private final FleetCounters counters;
    private final int atOnce;
    private final String name;
    private final boolean released;
    private final Semaphore free;
    private final AtomicLong begun = new AtomicLong();
    private final LongAdder admitted = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final DelayHistogram delays = new DelayHistogram();
    private volatile long limit = Long.MAX_VALUE;

    /**
     * Claims.
     *
     * @param perSecond how many were admitted
     * @param failed how many were not
     */
    record Claims(double perSecond, long failed, DelayHistogram delays) {}

    /**
     * A loop that has not begun.
     *
     * @param name the second half of the streams' ids
     * @param released whether each stream is given back at once
     */
    ClaimLoop(
            List<BenchWorker> workers,
            FleetCounters counters,
            int atOnce,
            String name,
            boolean released) {
        this.workers = workers;
        this.counters = counters;
        this.atOnce = atOnce;
        this.name = name;
        this.released = released;
        this.free = new Semaphore(atOnce);
    }

    /** Claims so many streams of each worker. */
    Claims run(int each) throws InterruptedException {
        limit = (long) each * workers.size();
        return runUntil(() -> free.availablePermits() == atOnce);
    }

    /** Claims until the condition holds, which is asked ten times a second. */
    Claims runUntil(BooleanSupplier over) throws InterruptedException {
        long startNs = System.nanoTime();
        for (int i = 0; i < atOnce; i++) {
            free.acquire();
            next();
        }
        for (int waited = 1; !free.tryAcquire(atOnce, 100, TimeUnit.MILLISECONDS); waited++) {
            if (over.getAsBoolean()) {
                limit = 0;
            }
            if (waited % 20 == 0) {
                say(startNs);
            }
            if (waited > LIMIT_S * 10) {
                throw new IllegalStateException(name + ": " + counters.takeProblems());
            }
        }
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return new Claims(admitted.sum() / seconds, failed.sum(), delays);
    }

    private void say(long startNs) {
        double seconds = (System.nanoTime() - startNs) / 1e9;
        Progress.say(
                String.format(
                        Locale.ROOT,
                        "%s: %d, %.0f/s, p99 %.1f ms, %d failed",
                        name,
                        admitted.sum(),
                        admitted.sum() / seconds,
                        delays.percentileMs(0.99),
                        failed.sum()));
    }

    /** Begins the next claim, or gives the place back when there is none. */
    private void next() {
        long number = begun.getAndIncrement();
        if (number >= limit) {
            free.release();
            return;
        }
        BenchWorker worker = workers.get((int) (number % workers.size()));
        String stream = worker.id() + "/" + name + "-" + number / workers.size();
        long startNs = System.nanoTime();
        worker.claim(stream, problem -> answered(worker, stream, startNs, problem));
    }

    private void answered(BenchWorker worker, String stream, long startNs, String problem) {
        if (!problem.isEmpty()) {
            failed.increment();
            counters.problem(name + ": " + problem);
        } else {
            delays.add((System.nanoTime() - startNs) / 1_000);
            admitted.increment();
            if (released) {
                worker.release(stream, this::next);
                return;
            }
        }
        next();
    }
}
