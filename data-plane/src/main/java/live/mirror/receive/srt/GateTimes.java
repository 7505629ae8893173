package live.mirror.receive.srt;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How long the gate took over handshakes: a histogram whose bounds double from 12.5 µs on. The
 * receive threads add, any thread reads.
 */
final class GateTimes {

    /** What a handshake may cost the streams of its port. */
    static final long LIMIT_NS = 200_000;

    private static final long FIRST_BOUND_NS = LIMIT_NS / 16;
    private static final int BUCKETS = 24;
    private static final int FIRST_SLOW = bucket(LIMIT_NS);

    private final AtomicLongArray counts = new AtomicLongArray(BUCKETS);

    void add(long ns) {
        counts.incrementAndGet(bucket(ns));
    }

    /** Handshakes decided. */
    long count() {
        return sum(0);
    }

    /** Of these, those that took {@link #LIMIT_NS} or longer. */
    long slow() {
        return sum(FIRST_SLOW);
    }

    /** This share of the handshakes took less, in nanoseconds; an upper bound. */
    long percentileNs(double share) {
        long all = count();
        long seen = 0;
        for (int i = 0; i < BUCKETS; i++) {
            seen += counts.get(i);
            if (seen > 0 && seen >= share * all) {
                return FIRST_BOUND_NS << i;
            }
        }
        return 0;
    }

    private long sum(int from) {
        long sum = 0;
        for (int i = from; i < BUCKETS; i++) {
            sum += counts.get(i);
        }
        return sum;
    }

    private static int bucket(long ns) {
        return Math.min(BUCKETS - 1, Long.SIZE - Long.numberOfLeadingZeros(ns / FIRST_BOUND_NS));
    }
}
