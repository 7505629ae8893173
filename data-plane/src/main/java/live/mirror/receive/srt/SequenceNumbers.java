package live.mirror.receive.srt;

/**
 * Arithmetic on SRT's packet sequence numbers: 31 bits, wrapping (draft-sharabayko-srt, section
 * 3.1).
 */
final class SequenceNumbers {

    private static final int MASK = 0x7fff_ffff;

    private SequenceNumbers() {}

    /** The number after this one. */
    static int next(int sequence) {
        return (sequence + 1) & MASK;
    }

    /** How many steps forward lead from one number to the other. */
    static int distance(int from, int to) {
        return (to - from) & MASK;
    }
}
