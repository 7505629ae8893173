package live.mirror.control.worker;

import live.mirror.v1.ReportRequest;
import live.mirror.v1.Room;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStatus;

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

    private static final Duration FULL = Duration.ofSeconds(10);

    private final long renewNs;
    private final LongSupplier clockNs;
    private final ConcurrentHashMap<String, State> states = new ConcurrentHashMap<>();

    private record State(
            long workerEpoch,
            boolean draining,
            long renewedNs,
            long fullNs,
            Room room,
            Map<String, Seen> seen) {}

    private record Seen(long epoch, StreamStatus status) {}

    /**
     * What the registry has to hear.
     *
     * @param nothing whether it need not be asked at all
     * @param all whether {@code streams} are all that the worker holds
     * @param streams what it has to hear of
     * @param room what it said last
     */
    record Due(boolean nothing, boolean all, List<StreamReport> streams, Room room) {}

    ReportFilter(Duration lease) {
        this(lease, System::nanoTime);
    }

    ReportFilter(Duration lease, LongSupplier clockNs) {
        // A quarter less than a third of the lease: two reports two seconds apart are never exactly
        // that.
        this.renewNs = lease.toNanos() / 4;
        this.clockNs = clockNs;
    }

    Due due(ReportRequest report) {
        State state = states.get(report.getWorkerId());
        long now = clockNs.getAsLong();
        if (state == null
                || state.workerEpoch() != report.getWorkerEpoch()
                || now - state.fullNs() >= FULL.toNanos()) {
            return new Due(false, true, report.getStreamsList(), Room.getDefaultInstance());
        }
        List<StreamReport> changed =
                report.getStreamsList().stream()
                        .filter(s -> !seen(s).equals(state.seen().get(s.getStreamId())))
                        .toList();
        boolean nothing =
                changed.isEmpty()
                        && now - state.renewedNs() < renewNs
                        && state.draining() == report.getDraining();
        return new Due(nothing, false, changed, state.room());
    }

    void done(ReportRequest report, Room room, boolean full) {
        long now = clockNs.getAsLong();
        Map<String, Seen> seen = HashMap.newHashMap(report.getStreamsCount());
        for (StreamReport stream : report.getStreamsList()) {
            seen.put(stream.getStreamId(), seen(stream));
        }
        states.compute(
                report.getWorkerId(),
                (_, old) ->
                        new State(
                                report.getWorkerEpoch(),
                                report.getDraining(),
                                now,
                                full || old == null ? now : old.fullNs(),
                                room,
                                seen));
    }

    void forget(String worker) {
        states.remove(worker);
    }

    private static Seen seen(StreamReport stream) {
        return new Seen(stream.getEpoch(), stream.getStatus());
    }
}
