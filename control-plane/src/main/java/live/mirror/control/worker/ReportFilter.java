package live.mirror.control.worker;

import com.google.protobuf.ByteString;

import live.mirror.control.registry.Told;
import live.mirror.v1.KeptReport;
import live.mirror.v1.KeptStream;
import live.mirror.v1.StreamStatus;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

    /**
     * The second full list comes so soon after the first one here: a claim whose answer was lost
     * with the worker's last control plane is nobody's, and the registry settles what has changed
     * longer than 3 s ago.
     */
    private static final Duration SECOND_FULL = Duration.ofSeconds(4);

    private final long renewNs;
    private final long silenceMs;
    private final LongSupplier clockNs;
    private final ConcurrentHashMap<String, State> states = new ConcurrentHashMap<>();

    /**
     * What the registry was told of a worker last; changed in place, since hardly anything of it
     * changes. Guarded by its own lock.
     */
    private static final class State {
        private final Map<String, Seen> seen = new HashMap<>();
        private long workerEpoch;
        private boolean draining;
        private long renewedNs;
        private long nextFullNs;
    }

    private record Seen(long epoch, StreamStatus status, boolean silent, long kbps) {

        /** The bitrate stays when it was not told again. */
        static Seen of(Told told, @Nullable Seen old) {
            long kbps = told.kbps() == 0 && old != null ? old.kbps() : told.kbps();
            return new Seen(told.epoch(), told.status(), told.silentMs() > 0, kbps);
        }
    }

    /**
     * What the registry has to hear.
     *
     * @param nothing whether it need not be asked at all
     * @param all whether {@code streams} are all that the worker holds
     * @param streams what it has to hear of
     * @param held ids of all that the worker holds
     */
    record Due(boolean nothing, boolean all, List<Told> streams, List<String> held) {}

    ReportFilter(Duration lease, Duration silence, LongSupplier clockNs) {
        this.silenceMs = silence.toMillis();
        // A quarter less than a third of the lease: two reports two seconds apart are never exactly
        // that.
        this.renewNs = lease.toNanos() / 4;
        this.clockNs = clockNs;
    }

    /** Throws INVALID_ARGUMENT where a stream can't be read. */
    Due due(KeptReport report) {
        State state = states.get(report.getWorkerId());
        if (state == null) {
            return due(report, Map.of(), true);
        }
        synchronized (state) {
            long now = clockNs.getAsLong();
            boolean all =
                    state.workerEpoch != report.getWorkerEpoch() || now - state.nextFullNs >= 0;
            Due due = due(report, state.seen, all);
            boolean nothing =
                    !all
                            && due.streams().isEmpty()
                            && now - state.renewedNs < renewNs
                            && report.getRefusalsCount() == 0
                            && state.draining == report.getDraining();
            return nothing ? new Due(true, false, List.of(), List.of()) : due;
        }
    }

    private Due due(KeptReport report, Map<String, Seen> seen, boolean all) {
        List<Told> streams = new ArrayList<>();
        List<String> held = new ArrayList<>(report.getStreamsCount());
        for (ByteString bytes : report.getStreamsList()) {
            KeptStream stream = KeptReports.stream(bytes);
            held.add(stream.getStreamId());
            Told told = told(stream, seen.get(stream.getStreamId()));
            if (all || told.changed()) {
                streams.add(told);
            }
        }
        return new Due(false, all, streams, held);
    }

    /** The registry knew all that a worker holds when it registered, as it was told here. */
    void known(String worker, long workerEpoch) {
        State state = states.get(worker);
        if (state != null) {
            synchronized (state) {
                state.workerEpoch = workerEpoch;
                state.renewedNs = clockNs.getAsLong();
                state.nextFullNs = state.renewedNs + SECOND_FULL.toNanos();
            }
        }
    }

    /** The registry has heard what was due of a report. */
    void done(KeptReport report, Due due) {
        State state =
                due.all()
                        ? states.computeIfAbsent(report.getWorkerId(), _ -> new State())
                        : states.get(report.getWorkerId());
        if (state == null) {
            // Forgotten meanwhile.
            return;
        }
        synchronized (state) {
            long now = clockNs.getAsLong();
            if (due.all()) {
                boolean first = state.workerEpoch != report.getWorkerEpoch();
                state.nextFullNs = now + (first ? SECOND_FULL : FULL).toNanos();
            }
            state.workerEpoch = report.getWorkerEpoch();
            state.draining = report.getDraining();
            state.renewedNs = now;
            for (Told told : due.streams()) {
                Seen old = state.seen.get(told.id());
                Seen next = Seen.of(told, old);
                if (!next.equals(old)) {
                    state.seen.put(told.id(), next);
                }
            }
            if (state.seen.size() != due.held().size()) {
                state.seen.keySet().retainAll(Set.copyOf(due.held()));
            }
        }
    }

    /** The bitrate is told when it left the band around what was told last. */
    private Told told(KeptStream stream, @Nullable Seen seen) {
        long kbps = KeptReports.bitrateBps(stream) / 1_000;
        boolean noticeable =
                seen == null
                        || seen.epoch() != stream.getEpoch()
                        || kbps > seen.kbps() * 1.2
                        || kbps < seen.kbps() * 0.6;
        boolean silent =
                stream.getStatus() == StreamStatus.STREAM_STATUS_ACTIVE
                        && stream.getSilentMs() >= silenceMs;
        return new Told(
                stream.getStreamId(),
                stream.getEpoch(),
                stream.getStatus(),
                silent ? stream.getSilentMs() : 0,
                noticeable ? kbps : 0,
                seen == null
                        || seen.epoch() != stream.getEpoch()
                        || seen.status() != stream.getStatus()
                        || seen.silent() != silent
                        || (noticeable && kbps != 0));
    }

    /** Has the registry hear the worker's next report, whatever stands in it. Any thread. */
    void renewNext(String worker) {
        State state = states.get(worker);
        if (state != null) {
            synchronized (state) {
                state.renewedNs -= renewNs;
            }
        }
    }

    void forget(String worker) {
        states.remove(worker);
    }
}
