package live.mirror.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling, with full jitter above a tenth. One thread.
 */
final class Backoff {

    private static final Duration FIRST = Duration.ofMillis(50);
    private static final Duration LAST = Duration.ofMillis(800);

    private final RandomGenerator random;
    private Duration ceiling = FIRST;

    Backoff(RandomGenerator random) {
        this.random = random;
    }

    Duration next() {
        long ceilingMs = ceiling.toMillis();
        ceiling = ceiling.multipliedBy(2).compareTo(LAST) > 0 ? LAST : ceiling.multipliedBy(2);
        return Duration.ofMillis(ceilingMs / 10 + random.nextLong(ceilingMs));
    }

    void reset() {
        ceiling = FIRST;
    }
}
