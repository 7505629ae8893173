package live.mirror.receive.srt;

import live.mirror.v1.PullSource;

import java.util.random.RandomGenerator;

/**
 * How long to wait before a source is dialled again: exponential with full jitter, so that a
 * thousand sources behind one lost router do not come back as one. Pure.
 */
final class PullPauses {

    private static final long DEFAULT_MIN_MS = 500;
    private static final long DEFAULT_MAX_MS = 30_000;

    /** Beyond that the longest pause is reached with every setting. */
    private static final int MAX_DOUBLINGS = 16;

    private PullPauses() {}

    /**
     * The pause after so many failures in a row; 0 of them means that a connection that stood was
     * lost.
     */
    static long nextMs(PullSource source, int failures, RandomGenerator random) {
        long min = source.getBackoffMinMs() > 0 ? source.getBackoffMinMs() : DEFAULT_MIN_MS;
        long max = source.getBackoffMaxMs() > 0 ? source.getBackoffMaxMs() : DEFAULT_MAX_MS;
        long ceiling = min << Math.clamp(failures - 1, 0, MAX_DOUBLINGS);
        return random.nextLong(Math.min(ceiling, Math.max(min, max)) + 1);
    }
}
