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
    private final ConcurrentHashMap<String, LatestReport> byWorker = new ConcurrentHashMap<>();

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
        of(report).keep(report, now, now, true);
    }

    void putPeer(GetFiguresResponse response) {
        Instant now = clock.instant();
        for (int i = 0; i < response.getReportsCount(); i++) {
            KeptReport report = response.getReports(i);
            of(report).keep(report, now.minusMillis(response.getAgeMs(i)), now, false);
        }
    }

    private LatestReport of(KeptReport report) {
        return byWorker.computeIfAbsent(report.getWorkerId(), _ -> new LatestReport());
    }

    /** Those of these workers whose latest report did not come within the last second. */
    List<String> stale(Collection<String> workers) {
        Instant limit = clock.instant().minus(FRESH);
        return workers.stream()
                .filter(id -> {
                    LatestReport latest = byWorker.get(id);
                    return latest == null || !latest.isAskedSince(limit);
                })
                .toList();
    }

    /** Their replica was asked in vain: not again for a second. */
    void tried(Collection<String> workers) {
        Instant now = clock.instant();
        for (String id : workers) {
            LatestReport latest = byWorker.get(id);
            if (latest != null) {
                latest.tried(now);
            }
        }
    }

    /** What was told here, for another replica. */
    GetFiguresResponse own(Collection<String> workers) {
        Instant now = clock.instant();
        GetFiguresResponse.Builder response = GetFiguresResponse.newBuilder();
        for (String id : workers) {
            LatestReport latest = byWorker.get(id);
            if (latest != null && latest.isOwn()) {
                latest.copy(response, now);
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
                        latest.read((report, _) ->
                                report.getStreamsList().stream()
                                        .map(KeptReports::stream)
                                        .filter(stream ->
                                                stream.getEpoch() == epoch
                                                        && stream.getStreamId().equals(id))
                                        .findFirst()
                                        .map(KeptReports::full)));
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
                .flatMap(latest ->
                        latest.read((report, at) ->
                                report.getPullsList().stream()
                                        .filter(pull -> pull.getStreamId().equals(id))
                                        .findFirst()
                                        .map(pull -> new ToldPull(at, pull))))
                .filter(told -> told.at().isAfter(limit));
    }

    /** How loaded a worker is. */
    public Optional<Load> load(String worker) {
        return Optional.ofNullable(byWorker.get(worker))
                .map(latest -> latest.read((report, at) -> new Load(at, report.getLoad())));
    }
}
