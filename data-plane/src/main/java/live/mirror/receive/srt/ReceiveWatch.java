package live.mirror.receive.srt;

/**
 * Watches the one receive thread of a listener by the CPU time it uses. One that works without
 * pause for seconds is either stuck (hostile packets can do that to libsrt) or has more to do than
 * one core can; one that uses none at all is blocked, since libsrt's looks for something to do a
 * hundred times a second. Either way nobody new should come. Written by the tick's thread, read by
 * any.
 */
final class ReceiveWatch {

    private static final double FULL = 0.97;

    /**
     * So many looks in a row have to agree: one alone sees the same when the whole process was
     * stopped for a while.
     */
    private static final int PATIENCE = 3;

    private long lookedAtNs;
    private long cpuNs;
    private int restless;
    private int lifeless;
    private volatile double share;
    private volatile boolean stuck;

    ReceiveWatch(long nowNs, long cpuNsNow) {
        lookedAtNs = nowNs;
        cpuNs = cpuNsNow;
    }

    /**
     * Looks at the thread's CPU time; about once a second.
     *
     * @param cpuNsNow what it has used so far; 0 when that is not known
     */
    void look(long nowNs, long cpuNsNow) {
        long wallNs = nowNs - lookedAtNs;
        if (wallNs <= 0) {
            return;
        }
        share = (double) (cpuNsNow - cpuNs) / wallNs;
        lookedAtNs = nowNs;
        restless = share < FULL ? 0 : restless + 1;
        lifeless = cpuNsNow == 0 || cpuNsNow != cpuNs ? 0 : lifeless + 1;
        cpuNs = cpuNsNow;
        stuck = restless >= PATIENCE || lifeless >= PATIENCE;
    }

    /** Its share of one core in the last second. */
    double share() {
        return share;
    }

    /** Whether it had no rest, or gave no sign of life, for {@link #PATIENCE} looks. */
    boolean isStuck() {
        return stuck;
    }
}
