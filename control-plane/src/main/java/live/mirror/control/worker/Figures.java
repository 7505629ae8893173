package live.mirror.control.worker;

import com.google.protobuf.Timestamp;

import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamReport;
import live.mirror.v1.WorkerLoad;

import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The latest report of each worker that reports here. In memory only: media figures never go to
 * Redis, and after a restart the next second brings them back. Written by the calls of each worker,
 * read by any thread.
 */
public final class Figures {

    private final InstantSource clock;
    private final ConcurrentHashMap<String, Latest> byWorker = new ConcurrentHashMap<>();

    private record Latest(Instant at, ReportRequest report, Map<String, StreamReport> streams) {}

    /**
     * A worker's load.
     *
     * @param at when it was told
     * @param load what it was
     */
    public record Load(Instant at, WorkerLoad load) {
        /** {@link #at} for the wire. */
        public Timestamp timestamp() {
            return Timestamp.newBuilder()
                    .setSeconds(at.getEpochSecond())
                    .setNanos(at.getNano())
                    .build();
        }
    }

    /** Nothing yet. */
    public Figures(InstantSource clock) {
        this.clock = clock;
    }

    void put(ReportRequest report) {
        Map<String, StreamReport> streams = HashMap.newHashMap(report.getStreamsCount());
        for (StreamReport stream : report.getStreamsList()) {
            streams.put(stream.getStreamId(), stream);
        }
        byWorker.put(report.getWorkerId(), new Latest(clock.instant(), report, streams));
    }

    /** Drops what a worker told, when it is lost. */
    public void forget(String worker) {
        byWorker.remove(worker);
    }

    /** What a worker told of a stream's session, if it reports here and told of this epoch. */
    public Optional<StreamReport> stream(String worker, String id, long epoch) {
        return Optional.ofNullable(byWorker.get(worker))
                .map(latest -> latest.streams().get(id))
                .filter(report -> report.getEpoch() == epoch);
    }

    /** How loaded a worker is, if it reports here. */
    public Optional<Load> load(String worker) {
        return Optional.ofNullable(byWorker.get(worker))
                .map(latest -> new Load(latest.at(), latest.report().getLoad()));
    }
}
