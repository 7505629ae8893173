package live.mirror.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;

/** Fake workers at one control plane. Used by one thread, which waits until what it asked is so. */
final class Fleet implements AutoCloseable {

    /** Claims under way at one time, of all workers together. */
    private static final int CLAIMS_AT_ONCE = 128;

    /** Streams that are claimed and released before claims are measured. */
    private static final int WARM_CLAIMS = 20_000;

    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(90);

    private final List<BenchWorker> workers = new ArrayList<>();
    private final FleetCounters counters = new FleetCounters();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final int streamsEach;

    Fleet(int workers, int streamsEach, int linkPort) {
        this.streamsEach = streamsEach;
        for (int i = 0; i < workers; i++) {
            this.workers.add(new BenchWorker("w" + i, linkPort, counters));
        }
    }

    FleetCounters counters() {
        return counters;
    }

    /** Starts all workers at once; answers the seconds until the last is registered. */
    double start() throws InterruptedException {
        long startNs = System.nanoTime();
        workers.forEach(BenchWorker::start);
        awaitRegistrations("register", workers.size());
        return (System.nanoTime() - startNs) / 1e9;
    }

    /** Breaks every connection at once; answers the seconds until the last worker is back. */
    double cutAll() throws InterruptedException {
        long wanted = counters.registrations.sum() + workers.size();
        long startNs = System.nanoTime();
        workers.forEach(BenchWorker::cut);
        awaitRegistrations("register again", wanted);
        return (System.nanoTime() - startNs) / 1e9;
    }

    /** Waits until so many registrations were made and every worker's stands. */
    void awaitRegistrations(String step, long registrations) throws InterruptedException {
        await(
                () ->
                        counters.registrations.sum() >= registrations
                                && counters.registered.get() == workers.size(),
                () -> step + ": " + counters.registered.get() + " of " + workers.size());
    }

    /** Waits until so many reports have been answered for each worker, from now on. */
    void awaitReports(int each) throws InterruptedException {
        long wanted = counters.reports.sum() + (long) each * workers.size();
        await(
                () -> counters.reports.sum() >= wanted,
                () -> "settle: " + (wanted - counters.reports.sum()) + " reports to go");
    }

    private void await(BooleanSupplier condition, java.util.function.Supplier<String> progress)
            throws InterruptedException {
        long startNs = System.nanoTime();
        long saidNs = startNs;
        while (!condition.getAsBoolean()) {
            long now = System.nanoTime();
            if (now - startNs > LIMIT_NS) {
                throw new IllegalStateException(
                        "gave up at «" + progress.get() + "»: " + counters.takeProblems());
            }
            if (now - saidNs > 1_000_000_000) {
                Progress.say(progress.get());
                saidNs = now;
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /**
     * Claims.
     *
     * @param perSecond how many were admitted
     * @param failed how many were not
     */
    record Claims(double perSecond, long failed, DelayHistogram delays) {}

    /** Claims and releases other streams until the path of a claim is warm. */
    void warm() throws InterruptedException {
        int each = Math.max(1, WARM_CLAIMS / workers.size());
        Claims warm =
                forEach(
                        "warm up",
                        each,
                        (worker, stream, delays) -> {
                            String id = worker.id() + "/warm-" + stream;
                            delays.add(worker.claim(id) / 1_000);
                            worker.release(id);
                        });
        if (warm.failed() > 0) {
            throw new IllegalStateException("warm-up: " + counters.takeProblems());
        }
    }

    /** Claims every stream of every worker. */
    Claims claimAll() throws InterruptedException {
        return forEach(
                "claim",
                streamsEach,
                (worker, stream, delays) ->
                        delays.add(worker.claim(worker.id() + "/cam-" + stream) / 1_000));
    }

    private interface Step {
        void run(BenchWorker worker, int stream, DelayHistogram delays);
    }

    private Claims forEach(String name, int each, Step step) throws InterruptedException {
        DelayHistogram delays = new DelayHistogram();
        LongAdder done = new LongAdder();
        LongAdder failed = new LongAdder();
        Semaphore atOnce = new Semaphore(CLAIMS_AT_ONCE);
        long startNs = System.nanoTime();
        long saidNs = startNs;
        for (int stream = 0; stream < each; stream++) {
            for (BenchWorker worker : workers) {
                atOnce.acquire();
                int number = stream;
                threads.execute(() -> {
                    try {
                        step.run(worker, number, delays);
                        done.increment();
                    } catch (RuntimeException e) {
                        failed.increment();
                        counters.problem(name + ": " + e.getMessage());
                    } finally {
                        atOnce.release();
                    }
                });
                long now = System.nanoTime();
                if (now - saidNs > 2_000_000_000) {
                    saidNs = now;
                    Progress.say(
                            String.format(
                                    Locale.ROOT,
                                    "%s: %d of %d, %.0f/s",
                                    name,
                                    done.sum(),
                                    each * workers.size(),
                                    done.sum() * 1e9 / (now - startNs)));
                }
            }
        }
        atOnce.acquire(CLAIMS_AT_ONCE);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        return new Claims(done.sum() / seconds, failed.sum(), delays);
    }

    @Override
    public void close() throws InterruptedException {
        workers.forEach(BenchWorker::close);
        for (BenchWorker worker : workers) {
            worker.awaitClosed();
        }
        threads.close();
    }
}
