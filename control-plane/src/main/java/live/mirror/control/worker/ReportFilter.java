package live.mirror.control.worker;

import live.mirror.control.registry.Registry;
import live.mirror.v1.KeptReport;
import live.mirror.v1.KeptStream;
import live.mirror.v1.StreamStatus;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Decides what of a report the registry has to hear. Reports come each second; the registry hears
 * of a stream when its status changed, renews the lease each third of it, and gets the full list
 * from time to time, which heals whatever was missed. What is kept here is soft: forgotten, the
 * next report is a full one.
 */
final class ReportFilter {

    private static final Duration FULL = Duration.ofSeconds(20);

    private final long renewNs;
    private final long silenceMs;
    private final LongSupplier clockNs;
    private final ConcurrentHashMap<String, State> states = new ConcurrentHashMap<>();

    private record State(
            long workerEpoch,
            boolean draining,
            long renewedNs,
            long fullNs,
            Map<String, Seen> seen) {

        State renewAgain(long renewNs) {
            return new State(workerEpoch, draining, renewedNs - renewNs, fullNs, seen);
        }
    }

    private record Seen(long epoch, StreamStatus status, boolean silent, long kbps) {}

    /**
     * What the registry has to hear.
     *
     * @param nothing whether it need not be asked at all
     * @param all whether {@code streams} are all that the worker holds
     * @param streams what it has to hear of
     */
    record Due(boolean nothing, boolean all, List<Registry.Told> streams) {}

    ReportFilter(Duration lease, Duration silence, LongSupplier clockNs) {
        this.silenceMs = silence.toMillis();
        // A quarter less than a third of the lease: two reports two seconds apart are never exactly
        // that.
        this.renewNs = lease.toNanos() / 4;
        this.clockNs = clockNs;
    }

    Due due(KeptReport report) {
        State state = states.get(report.getWorkerId());
        long now = clockNs.getAsLong();
        if (state == null
                || state.workerEpoch() != report.getWorkerEpoch()
                || now - state.fullNs() >= FULL.toNanos()) {
            Map<String, Seen> seen = state == null ? Map.of() : state.seen();
            return new Due(
                    false,
                    true,
                    report.getStreamsList().stream()
                            .map(s -> told(s, seen.get(s.getStreamId())))
                            .toList());
        }
        List<Registry.Told> changed =
                report.getStreamsList().stream()
                        .filter(s -> changed(s, state.seen().get(s.getStreamId())))
                        .map(s -> told(s, state.seen().get(s.getStreamId())))
                        .toList();
        boolean nothing =
                changed.isEmpty()
                        && now - state.renewedNs() < renewNs
                        && report.getRefusalsCount() == 0
                        && state.draining() == report.getDraining();
        return new Due(nothing, false, changed);
    }

    void done(KeptReport report, boolean full) {
        long now = clockNs.getAsLong();
        states.compute(
                report.getWorkerId(),
                (_, old) ->
                        new State(
                                report.getWorkerEpoch(),
                                report.getDraining(),
                                now,
                                full || old == null ? now : old.fullNs(),
                                seen(report, old == null ? Map.of() : old.seen())));
    }

    private Map<String, Seen> seen(KeptReport report, Map<String, Seen> before) {
        Map<String, Seen> seen = HashMap.newHashMap(report.getStreamsCount());
        for (KeptStream stream : report.getStreamsList()) {
            Seen old = before.get(stream.getStreamId());
            long told = told(stream, old).kbps();
            seen.put(
                    stream.getStreamId(),
                    new Seen(
                            stream.getEpoch(),
                            stream.getStatus(),
                            isSilent(stream),
                            told == 0 && old != null ? old.kbps() : told));
        }
        return seen;
    }

    private boolean changed(KeptStream stream, @Nullable Seen seen) {
        return told(stream, seen).changed();
    }

    /** The bitrate is told when it left the band around what was told last. */
    private Registry.Told told(KeptStream stream, @Nullable Seen seen) {
        long kbps = KeptReports.bitrateBps(stream) / 1_000;
        boolean noticeable =
                seen == null
                        || seen.epoch() != stream.getEpoch()
                        || kbps > seen.kbps() * 1.2
                        || kbps < seen.kbps() * 0.6;
        boolean silent = isSilent(stream);
        return new Registry.Told(
                stream,
                silent ? stream.getSilentMs() : 0,
                noticeable ? kbps : 0,
                seen == null
                        || seen.epoch() != stream.getEpoch()
                        || seen.status() != stream.getStatus()
                        || seen.silent() != silent
                        || (noticeable && kbps != 0));
    }

    private boolean isSilent(KeptStream stream) {
        return stream.getStatus() == StreamStatus.STREAM_STATUS_ACTIVE
                && stream.getSilentMs() >= silenceMs;
    }

    /** Has the registry hear the worker's next report, whatever stands in it. Any thread. */
    void renewNext(String worker) {
        states.computeIfPresent(worker, (_, state) -> state.renewAgain(renewNs));
    }

    void forget(String worker) {
        states.remove(worker);
    }
}
