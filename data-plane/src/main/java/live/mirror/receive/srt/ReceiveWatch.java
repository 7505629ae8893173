package live.mirror.receive.srt;

import java.time.Duration;

/**
 * Watches the one receive thread of a listener by the CPU time it uses. A thread that works without
 * pause for seconds is either stuck (hostile packets can do that to libsrt) or has more to do than
 * one core can: either way nobody new should come. Written by the tick's thread, read by any.
 */
final class ReceiveWatch {

    private static final double FULL = 0.97;
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private long lookedAtNs;
    private long cpuNs;
    private long fullSinceNs;
    private volatile double share;
    private volatile boolean stuck;

    ReceiveWatch(long nowNs, long cpuNsNow) {
        lookedAtNs = nowNs;
        cpuNs = cpuNsNow;
        fullSinceNs = nowNs;
    }

    /** Looks at the thread's CPU time; about once a second. */
    void look(long nowNs, long cpuNsNow) {
        long wallNs = nowNs - lookedAtNs;
        if (wallNs <= 0) {
            return;
        }
        share = (double) (cpuNsNow - cpuNs) / wallNs;
        lookedAtNs = nowNs;
        cpuNs = cpuNsNow;
        if (share < FULL) {
            fullSinceNs = nowNs;
        }
        stuck = nowNs - fullSinceNs >= PATIENCE.toNanos();
    }

    /** Its share of one core in the last second. */
    double share() {
        return share;
    }

    /** Whether it has had no rest for {@link #PATIENCE}. */
    boolean isStuck() {
        return stuck;
    }
}
