package live.mirror.control.registry;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Redis's clock as it was last told, carried on with our own. What it shows is never later than
 * Redis's, but for a step of that clock between two looks. Any thread.
 */
final class RedisClock {

    private final LongSupplier nanoTime;
    private volatile @Nullable Told told;

    private record Told(long redisMs, long atNs) {}

    RedisClock(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** An answer that was just received has this time in it, in milliseconds since 1970. */
    void told(long redisMs) {
        told = new Told(redisMs, nanoTime.getAsLong());
    }

    /** What Redis's clock will show then, in milliseconds since 1970; 0 when it was never told. */
    long in(Duration span) {
        Told last = told;
        return last == null
                ? 0
                : last.redisMs
                        + TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong() - last.atNs)
                        + span.toMillis();
    }
}
