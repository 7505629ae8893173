package live.mirror.control.registry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Redis's clock as it was told, carried on with our own. What it shows is never later than Redis's,
 * and earlier by the time of one call at most: of what it is told, it keeps what took the shortest
 * time, until that is old or Redis's clock has made a step. Any thread.
 */
final class RedisClock {

    /** After that our own clock has drifted a millisecond or two. */
    private static final long KEPT_NS = TimeUnit.SECONDS.toNanos(10);

    private static final long ROUNDING_MS = 2;

    private final LongSupplier nanoTime;
    private volatile @Nullable Told told;

    private record Told(long redisMs, long atNs, long tookNs) {

        long at(long nowNs) {
            return redisMs + TimeUnit.NANOSECONDS.toMillis(nowNs - atNs);
        }

        long tookMs() {
            return TimeUnit.NANOSECONDS.toMillis(tookNs);
        }

        /** Whether what the clock showed then and what it shows now can be true both. */
        boolean fits(Told later) {
            long expectedMs = at(later.atNs);
            return expectedMs <= later.redisMs + later.tookMs() + ROUNDING_MS
                    && later.redisMs <= expectedMs + tookMs() + ROUNDING_MS;
        }
    }

    RedisClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /**
     * An answer that was just received has this time in it.
     *
     * @param redisMs in milliseconds since 1970
     * @param askedNs when it was asked for
     */
    void told(long redisMs, long askedNs) {
        long nowNs = nanoTime.getAsLong();
        Told latest = new Told(redisMs, nowNs, nowNs - askedNs);
        Told best = told;
        if (best == null
                || latest.tookNs <= best.tookNs
                || nowNs - best.atNs > KEPT_NS
                || !best.fits(latest)) {
            told = latest;
        }
    }

    /** What Redis's clock will show then, in milliseconds since 1970; 0 when it was never told. */
    long in(Duration span) {
        Told last = told;
        return last == null ? 0 : last.at(nanoTime.getAsLong()) + span.toMillis();
    }
}
