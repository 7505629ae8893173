package live.mirror.rtp;

/**
 * Turns the 16-bit sequence numbers of one source into numbers that never wrap, and tells a jump
 * from reordering (RFC 3550 appendix A.1). Probation is over before a source gets here.
 *
 * <p>A jump is believed when two sequential packets follow it: the first of them is answered with
 * {@link #JUMP} and has to be kept by the caller, the second with {@link #RESTARTED}.
 */
public final class ExtendedSequence {

    /** A packet this far ahead of the highest, or farther, is a jump (A.1: MAX_DROPOUT). */
    public static final int MAX_DROPOUT = 3000;

    /** A packet this far behind the highest, or farther, is a jump (A.1: MAX_MISORDER). */
    public static final int MAX_MISORDER = 100;

    /** The packet is out of all proportion: drop it unless its successor comes next. */
    public static final long JUMP = -1;

    /** The packet follows one that was a jump: the source has restarted. */
    public static final long RESTARTED = -2;

    private static final int MODULUS = 1 << 16;
    private static final int NONE = -1;

    private long cycles;
    private int highest;
    private long base;
    private int afterJump = NONE;

    /**
     * Begins, or begins again, with this number as the first.
     *
     * @param sequence as on the wire
     * @param from a lower bound for the extended number, at least 0: with the last number given out
     *     before a restart, numbers only grow
     * @return its extended number
     */
    public long start(int sequence, long from) {
        // One cycle in hand, so that a packet from before the first has a positive number as well.
        cycles = (from / MODULUS + 1) * MODULUS;
        highest = sequence;
        base = cycles + sequence;
        afterJump = NONE;
        return base;
    }

    /** The extended number of a packet, or {@link #JUMP} or {@link #RESTARTED}. */
    public long accept(int sequence) {
        int ahead = (sequence - highest) & (MODULUS - 1);
        if (ahead < MAX_DROPOUT) {
            if (sequence < highest) {
                cycles += MODULUS;
            }
            highest = sequence;
            afterJump = NONE;
            return cycles + sequence;
        }
        if (ahead <= MODULUS - MAX_MISORDER) {
            if (sequence == afterJump) {
                return RESTARTED;
            }
            afterJump = (sequence + 1) & (MODULUS - 1);
            return JUMP;
        }
        return sequence > highest ? cycles - MODULUS + sequence : cycles + sequence;
    }

    /** Whether the next number in order is that behind the last jump. */
    public boolean awaitsRestart() {
        return afterJump != NONE;
    }

    /** Whether a number lies ahead of the highest rather than behind it. */
    public boolean isAhead(int sequence) {
        return (short) (sequence - highest) > 0;
    }

    /** The highest extended number so far. */
    public long highest() {
        return cycles + highest;
    }

    /** The extended number that the source began with. */
    public long base() {
        return base;
    }

    /**
     * What a receiver report calls the extended highest sequence number: the low 32 bits with the
     * cycles counted from the first packet.
     */
    public int reportedHighest() {
        return (int) (highest() - (base & -MODULUS));
    }

    /** The number nearest to {@code reference} that has these 16 bits. */
    public static long near(long reference, int sequence) {
        return reference + (short) (sequence - (int) reference);
    }
}
