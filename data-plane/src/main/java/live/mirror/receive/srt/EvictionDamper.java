package live.mirror.receive.srt;

import live.mirror.contract.StreamId;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Ends the quarrel of two encoders that hold the same credential and evict each other: after five
 * evictions in a minute the incumbent stays. Any thread; bounded, because only a stream with a live
 * publisher has an entry, and old ones are dropped.
 */
final class EvictionDamper {

    static final int MAX_EVICTIONS = 5;
    static final Duration WINDOW = Duration.ofMinutes(1);

    private static final int MAX_STREAMS = 4_096;

    private final ConcurrentHashMap<StreamId, Count> counts = new ConcurrentHashMap<>();

    private record Count(long sinceNs, int evictions) {
        boolean isOld(long nowNs) {
            return nowNs - sinceNs > WINDOW.toNanos();
        }
    }

    /** Whether a live publisher of the stream may be evicted once more. */
    boolean allows(StreamId id, long nowNs) {
        Count count = counts.get(id);
        return count == null || count.isOld(nowNs) || count.evictions() < MAX_EVICTIONS;
    }

    /** Counts an eviction. */
    void evicted(StreamId id, long nowNs) {
        if (counts.size() >= MAX_STREAMS) {
            counts.values().removeIf(count -> count.isOld(nowNs));
        }
        counts.compute(
                id,
                (key, count) ->
                        count == null || count.isOld(nowNs)
                                ? new Count(nowNs, 1)
                                : new Count(count.sinceNs(), count.evictions() + 1));
    }
}
