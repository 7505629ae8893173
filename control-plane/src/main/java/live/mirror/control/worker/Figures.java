package live.mirror.control.worker;

import com.google.protobuf.Timestamp;

import live.mirror.v1.GetFiguresResponse;
import live.mirror.v1.KeptReport;
import live.mirror.v1.PullReport;
import live.mirror.v1.StreamReport;
import live.mirror.v1.WorkerLoad;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The latest report of each worker, told here or fetched from the replica where it was told. In
 * memory only: media figures never go to Redis, and after a restart the next second brings them
 * back. Written by the calls of each worker, read by any thread.
 */
public final class Figures {

    private static final Duration FRESH = Duration.ofMillis(900);

    /** After that a worker that reports each second says nothing about now. */
    private static final Duration OUTDATED = Duration.ofSeconds(10);

    private final InstantSource clock;
    private final ConcurrentHashMap<String, Latest> byWorker = new ConcurrentHashMap<>();

    /**
     * A report.
     *
     * @param at when it was made
     * @param asked when it came here
     * @param own whether it was told here
     */
    private record Latest(Instant at, Instant asked, boolean own, KeptReport report) {}

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

    void put(KeptReport report) {
        Instant now = clock.instant();
        byWorker.put(report.getWorkerId(), new Latest(now, now, true, report));
    }

    void putPeer(GetFiguresResponse response) {
        Instant now = clock.instant();
        for (int i = 0; i < response.getReportsCount(); i++) {
            KeptReport report = response.getReports(i);
            Instant at = now.minusMillis(response.getAgeMs(i));
            byWorker.merge(
                    report.getWorkerId(),
                    new Latest(at, now, false, report),
                    (old, fetched) -> fetched.at().isAfter(old.at()) ? fetched : old);
        }
    }

    /** Those of these workers whose latest report did not come within the last second. */
    List<String> stale(Collection<String> workers) {
        Instant limit = clock.instant().minus(FRESH);
        return workers.stream()
                .filter(id -> {
                    Latest latest = byWorker.get(id);
                    return latest == null || latest.asked().isBefore(limit);
                })
                .toList();
    }

    /** Their replica was asked in vain: not again for a second. */
    void tried(Collection<String> workers) {
        Instant now = clock.instant();
        for (String id : workers) {
            byWorker.computeIfPresent(
                    id, (_, old) -> new Latest(old.at(), now, old.own(), old.report()));
        }
    }

    /** What was told here, for another replica. */
    GetFiguresResponse own(Collection<String> workers) {
        Instant now = clock.instant();
        GetFiguresResponse.Builder response = GetFiguresResponse.newBuilder();
        for (String id : workers) {
            Latest latest = byWorker.get(id);
            if (latest != null && latest.own()) {
                response.addReports(latest.report());
                response.addAgeMs(Duration.between(latest.at(), now).toMillis());
            }
        }
        return response.build();
    }

    /** Drops what a worker told, when it is lost. */
    public void forget(String worker) {
        byWorker.remove(worker);
    }

    /** What a worker told of a stream's session, if it told of this epoch. */
    public Optional<StreamReport> stream(String worker, String id, long epoch) {
        return Optional.ofNullable(byWorker.get(worker))
                .flatMap(latest ->
                        latest.report().getStreamsList().stream()
                                .filter(stream ->
                                        stream.getEpoch() == epoch
                                                && stream.getStreamId().equals(id))
                                .findFirst()
                                .map(KeptReports::full));
    }

    /**
     * How a source is doing.
     *
     * @param at when it was told
     * @param report what was told
     */
    public record ToldPull(Instant at, PullReport report) {}

    /** What a worker told of a source that it dials, if it told of it lately. */
    public Optional<ToldPull> pull(String worker, String id) {
        Instant limit = clock.instant().minus(OUTDATED);
        return Optional.ofNullable(byWorker.get(worker))
                .filter(latest -> latest.at().isAfter(limit))
                .flatMap(latest ->
                        latest.report().getPullsList().stream()
                                .filter(pull -> pull.getStreamId().equals(id))
                                .findFirst()
                                .map(pull -> new ToldPull(latest.at(), pull)));
    }

    /** How loaded a worker is. */
    public Optional<Load> load(String worker) {
        return Optional.ofNullable(byWorker.get(worker))
                .map(latest -> new Load(latest.at(), latest.report().getLoad()));
    }
}
