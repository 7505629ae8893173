package live.mirror.receive.rtp;

import live.mirror.rtp.ExtendedSequence;

import java.util.Arrays;

/**
 * Where the packets of several legs belong in one count (SMPTE 2022-7). A leg that is in step
 * brings the numbers around the one that is due.
 *
 * <p>A leg that begins again (RFC 3550 appendix A.1) may have been away and go on in the same
 * count, or may be the first to bring a restart of the source. Its numbers alone can't tell. The
 * other leg can: it goes on beyond all that was known and beyond where this one begins again only
 * if the source has not restarted. Until then its packets are undecided. When no leg carries on
 * with the old count, a new one begins.
 *
 * <p>Belongs to the tick thread.
 */
final class LegAlignment {

    /** The packet goes on in this count or is one of the next; what the other leg does tells. */
    static final long UNDECIDED = -1;

    /** The packet belongs to a new count: see {@link #begin}. */
    static final long NEW_COUNT = -2;

    private static final int MODULUS = 1 << 16;
    private static final long NONE = -1;

    private final int capacity;
    private final long apartNs;
    private boolean started;

    // Of each leg; its highest common number only since it is in step.
    private final boolean[] inStep;
    private final boolean[] begun;
    private final long[] highest;
    private final long[] lastNs;

    // Of a leg out of step: the others have to go beyond this, within the time that legs may be
    // apart.
    private final long[] beyond;
    private final long[] sinceNs;

    /**
     * Knows no packet yet.
     *
     * @param capacity packets of the window that follows
     * @param apartNs how far the legs may be apart, and what silence makes one be given up
     */
    LegAlignment(int legs, int capacity, long apartNs) {
        this.capacity = capacity;
        this.apartNs = apartNs;
        inStep = new boolean[legs];
        begun = new boolean[legs];
        highest = new long[legs];
        lastNs = new long[legs];
        beyond = new long[legs];
        sinceNs = new long[legs];
        Arrays.fill(highest, NONE);
        Arrays.fill(beyond, NONE);
    }

    /** The leg begins again: it has jumped. */
    void jumped(int leg) {
        inStep[leg] = false;
        beyond[leg] = NONE;
    }

    /**
     * The common number of a leg's packet, {@link #UNDECIDED} or {@link #NEW_COUNT}.
     *
     * @param sequence as on the wire
     * @param next the common number that is due
     */
    long place(int sequence, long next, long arrivalNs, int leg) {
        long common = ExtendedSequence.near(next, sequence);
        if (inStep[leg]) {
            return take(common, arrivalNs, leg);
        }
        long ahead = common - next;
        if (!othersCarryOn(leg, arrivalNs)) {
            boolean goesOn =
                    started
                            && ahead > -ExtendedSequence.MAX_MISORDER
                            && ahead < ExtendedSequence.MAX_DROPOUT;
            return goesOn ? take(common, arrivalNs, leg) : NEW_COUNT;
        }
        // Where it first appears it is believed: it has not jumped.
        boolean joins =
                begun[leg] ? othersWentBeyond(common, arrivalNs, leg) : Math.abs(ahead) < capacity;
        return joins ? take(common, arrivalNs, leg) : UNDECIDED;
    }

    /**
     * Begins a new count with this number; the legs have to find into it.
     *
     * @return its common number, greater than all before
     */
    long begin(int sequence, long next) {
        started = true;
        Arrays.fill(inStep, false);
        Arrays.fill(highest, NONE);
        Arrays.fill(beyond, NONE);
        return (next / MODULUS + 1) * MODULUS + sequence;
    }

    /** A leg brings this packet of the count, so it is in step. Answers the number. */
    long take(long common, long arrivalNs, int leg) {
        inStep[leg] = true;
        begun[leg] = true;
        highest[leg] = Math.max(highest[leg], common);
        lastNs[leg] = arrivalNs;
        return common;
    }

    private boolean othersCarryOn(int leg, long arrivalNs) {
        for (int other = 0; other < inStep.length; other++) {
            if (other != leg && inStep[other] && arrivalNs - lastNs[other] <= apartNs) {
                return true;
            }
        }
        return false;
    }

    private boolean othersWentBeyond(long common, long arrivalNs, int leg) {
        if (beyond[leg] == NONE || arrivalNs - sinceNs[leg] > apartNs) {
            beyond[leg] = common;
            for (long known : highest) {
                beyond[leg] = Math.max(beyond[leg], known);
            }
            sinceNs[leg] = arrivalNs;
        }
        for (int other = 0; other < inStep.length; other++) {
            if (other != leg && inStep[other] && highest[other] > beyond[leg]) {
                return true;
            }
        }
        return false;
    }
}
