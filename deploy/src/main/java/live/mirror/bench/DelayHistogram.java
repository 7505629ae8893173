package live.mirror.bench;

import java.util.concurrent.atomic.AtomicLongArray;

/** Delays in steps of 50 microseconds up to a second. Any thread. */
final class DelayHistogram {

    private static final int STEP_US = 50;
    private static final int STEPS = 20_000;

    private final AtomicLongArray counts = new AtomicLongArray(STEPS);

    void add(long delayUs) {
        counts.incrementAndGet(Math.clamp(delayUs / STEP_US, 0, STEPS - 1));
    }

    /** The delay in milliseconds that this share of all stays below. */
    double percentileMs(double share) {
        long all = 0;
        for (int i = 0; i < STEPS; i++) {
            all += counts.get(i);
        }
        long wanted = Math.round(all * share);
        long seen = 0;
        for (int i = 0; i < STEPS; i++) {
            seen += counts.get(i);
            if (seen >= wanted) {
                return (i + 1) * STEP_US / 1_000.0;
            }
        }
        return 0;
    }

    void clear() {
        for (int i = 0; i < STEPS; i++) {
            counts.set(i, 0);
        }
    }
}
