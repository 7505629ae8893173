package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;
import live.mirror.v1.PullReport;
import live.mirror.v1.PullSource;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * One remote listener: dialled, read like a publisher while it stands, and dialled again after a
 * pause, until {@link #stop}. Lives on a virtual thread of its own, on which also its sessions run.
 */
final class PulledSource {

    private static final System.Logger LOG = System.getLogger(PulledSource.class.getName());

    private final Definition definition;
    private final PullSource source;
    private final Attempt attempt;
    private final LogBudget log;
    private final CountDownLatch stopped = new CountDownLatch(1);

    // Written by the source's thread, read by any.
    private volatile PullReport report;
    private volatile long nextAttemptNs;
    private volatile @Nullable SrtSession session;

    // Guarded by the lock.
    private @Nullable Reason stopReason;

    /** Dials once and runs the session to its end. */
    interface Attempt {

        /**
         * Blocks the calling virtual thread.
         *
         * @param pulled is told of the session before it begins
         * @throws SrtException when there is nobody, or it refuses
         */
        Outcome run(PulledSource pulled) throws InterruptedException;
    }

    /** A source that is not dialled yet; its definition has one. */
    PulledSource(Definition definition, Attempt attempt, LogBudget log) {
        this.definition = definition;
        this.source = definition.pull().orElseThrow();
        this.attempt = attempt;
        this.log = log;
        this.report = told(false, 0, "", false, 0);
    }

    Definition definition() {
        return definition;
    }

    StreamId id() {
        return definition.id();
    }

    /** How it is doing. */
    PullReport report() {
        PullReport told = report;
        long dueMs = TimeUnit.NANOSECONDS.toMillis(nextAttemptNs - System.nanoTime());
        return told.getNextAttemptMs() == 0
                ? told
                : told.toBuilder().setNextAttemptMs(Math.max(1, dueMs)).build();
    }

    /** Whether a changed definition leads to the same source in the same way. */
    boolean isSame(Definition other) {
        return definition.pull().equals(other.pull())
                && definition.srt().equals(other.srt())
                && definition.expectedKbps() == other.expectedKbps();
    }

    /** Hangs up for good; a session that runs ends for this reason. Any thread, never blocks. */
    synchronized void stop(Reason reason) {
        stopReason = reason;
        stopped.countDown();
        SrtSession running = session;
        if (running != null) {
            running.close(reason);
        }
    }

    /** The call stands and its session begins. */
    synchronized void began(SrtSession running) {
        session = running;
        report = told(true, 0, "", false, 0);
        if (stopReason != null) {
            running.close(stopReason);
        }
    }

    /** The source's whole life. */
    void run() throws InterruptedException {
        int failures = 0;
        while (stopped.getCount() > 0) {
            Outcome outcome = dial();
            session = null;
            failures = outcome.received() ? 0 : failures + 1;
            boolean givenUp = source.getMaxAttempts() > 0 && failures >= source.getMaxAttempts();
            long pauseMs =
                    givenUp ? 0 : PullPauses.nextMs(source, failures, ThreadLocalRandom.current());
            nextAttemptNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(pauseMs);
            report = told(false, failures, outcome.detail(), givenUp, pauseMs);
            if (stopped.getCount() == 0) {
                return;
            }
            log.info(
                    LOG,
                    "{0} is not fetched from {1}:{2,number,#}: {3}; {4}",
                    definition.id(),
                    source.getHost(),
                    source.getPort(),
                    outcome.detail(),
                    givenUp ? "given up" : "still trying");
            if (givenUp) {
                stopped.await();
            } else {
                stopped.await(pauseMs, TimeUnit.MILLISECONDS);
                report = told(false, failures, outcome.detail(), false, 0);
            }
        }
    }

    private Outcome dial() throws InterruptedException {
        try {
            return attempt.run(this);
        } catch (SrtException e) {
            return new Outcome(Reason.REASON_PUBLISHER_LOST, String.valueOf(e.getMessage()), false);
        }
    }

    private PullReport told(
            boolean connected, int failures, String problem, boolean givenUp, long pauseMs) {
        return PullReport.newBuilder()
                .setStreamId(definition.id().value())
                .setConnected(connected)
                .setFailedAttempts(failures)
                .setLastProblem(problem)
                .setGivenUp(givenUp)
                .setNextAttemptMs(pauseMs)
                .build();
    }
}
