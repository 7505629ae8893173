package live.mirror.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Fake workers at one control plane. Used by one thread, which waits until what it asked is so. */
final class Fleet implements AutoCloseable {

    private static final long LIMIT_NS = TimeUnit.SECONDS.toNanos(90);

    private final List<BenchWorker> workers = new ArrayList<>();
    private final FleetCounters counters = new FleetCounters();
    private final int streamsEach;
    private final int claimsAtOnce;

    /**
     * Workers that are not started yet.
     *
     * @param claimsAtOnce claims under way at one time, of all workers together
     */
    Fleet(int workers, int streamsEach, int claimsAtOnce, int linkPort) {
        this.streamsEach = streamsEach;
        // A worker has 16 under way at most.
        this.claimsAtOnce = Math.min(claimsAtOnce, 16 * workers);
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
     * Claims and releases other streams until the compilers are done with the path of a claim.
     *
     * @param idle tells it
     */
    void warm(BooleanSupplier idle) throws InterruptedException {
        ClaimLoop.Claims warm =
                new ClaimLoop(workers, counters, claimsAtOnce, "warm", true).runUntil(idle);
        if (warm.failed() > 0) {
            Progress.say("warm-up: " + counters.takeProblems());
        }
    }

    /** Claims every stream of every worker. */
    ClaimLoop.Claims claimAll() throws InterruptedException {
        return new ClaimLoop(workers, counters, claimsAtOnce, "cam", false).run(streamsEach);
    }

    @Override
    public void close() throws InterruptedException {
        workers.forEach(BenchWorker::close);
        for (BenchWorker worker : workers) {
            worker.awaitClosed();
        }
    }
}
