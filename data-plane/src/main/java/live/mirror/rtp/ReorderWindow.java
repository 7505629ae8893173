package live.mirror.rtp;

import java.util.Arrays;

/**
 * Puts packets in order and gives up what does not come, bounded in packets and in time: no packet
 * waits longer than the hold time for a missing one. What comes out is every sequence number from
 * the first on, each exactly once, either as a packet or inside a gap.
 *
 * <p>Several legs may offer copies of the same packets (SMPTE 2022-7): the first copy counts. Which
 * legs brought which packet is remembered for the hold time, and then settled into their figures.
 *
 * <p>Belongs to the session's thread. Everything is allocated by the constructor.
 */
public final class ReorderWindow {

    /** Receives what leaves the window, in order. */
    public interface Output {
        /** A packet. Its bytes are valid during the call. */
        void packet(byte[] bytes, int offset, int length, long sequence, long arrivalNs);

        /** Packets given up: {@code count} from {@code firstSequence} on. */
        void gap(long firstSequence, long count);
    }

    /** What became of a packet that was offered. */
    public enum Verdict {
        /** Delivered, or kept until it is its turn. */
        TAKEN,
        /** Came before. */
        DUPLICATE,
        /** Its place was given up already, or lies before the first packet. */
        LATE
    }

    /** Nothing is held, so nothing is due. */
    public static final long NEVER = Long.MAX_VALUE;

    /** Instead of a leg: no leg brought the packet, parity did. */
    public static final int NO_LEG = -1;

    private static final byte GIVEN_UP = 0x40;
    private static final byte DELIVERED = 0x20;
    private static final byte LEGS = 0x0f;

    private final int capacity;
    private final int mask;
    private final int slotBytes;
    private final long holdNs;
    private final Output output;

    // The slots: packet `s` is held in slot `s & mask` if heldSequence says so.
    private final byte[] slots;
    private final long[] heldSequence;
    private final int[] heldLength;
    private final long[] heldArrivalNs;

    // Held packets in the order of arrival; entries below `next` have left already. While the first
    // is held, all others lie within one capacity of it or of `next`: twice the capacity suffices.
    private final long[] arrivals;
    private long arrivalsHead;
    private long arrivalsTail;

    // What became of past packets, and of held ones which legs brought them.
    private final long[] pastSequence;
    private final byte[] past;
    private final long[] pastArrivalNs;
    private final int pastMask;

    private final LegFigures[] legs;
    private long first;
    private long next;

    // All packets below are booked with the legs that did not bring them.
    private long settled;
    private int heldCount;
    private long deliveredCount;
    private long lostCount;
    private long lateCount;
    private long duplicateCount;
    private long reorderedCount;

    /**
     * Makes a window.
     *
     * @param capacity packets, a power of two
     * @param slotBytes the longest packet
     * @param holdNs how long a packet waits at most for a missing one
     * @param legCount 1, or 2 for path redundancy
     */
    public ReorderWindow(int capacity, int slotBytes, long holdNs, int legCount, Output output) {
        if (Integer.bitCount(capacity) != 1) {
            throw new IllegalArgumentException(capacity + " is not a power of two");
        }
        this.capacity = capacity;
        this.mask = capacity - 1;
        this.slotBytes = slotBytes;
        this.holdNs = holdNs;
        this.output = output;
        slots = new byte[Math.multiplyExact(capacity, slotBytes)];
        heldSequence = new long[capacity];
        heldLength = new int[capacity];
        heldArrivalNs = new long[capacity];
        arrivals = new long[2 * capacity];
        int history = Math.max(1024, 4 * capacity);
        pastSequence = new long[history];
        past = new byte[history];
        pastArrivalNs = new long[history];
        pastMask = history - 1;
        legs = new LegFigures[legCount];
        Arrays.setAll(legs, i -> new LegFigures());
        Arrays.fill(heldSequence, -1);
        Arrays.fill(pastSequence, -1);
    }

    /** Says which sequence number is the first; whatever is held has to be flushed before. */
    public void start(long sequence) {
        if (heldCount != 0) {
            throw new IllegalStateException(heldCount + " packets are held at a start");
        }
        first = sequence;
        next = sequence;
        settled = sequence;
    }

    /** Offers a packet that leg {@code leg} brought, or {@link #NO_LEG}. */
    public Verdict offer(
            byte[] bytes, int offset, int length, long sequence, long arrivalNs, int leg) {
        if (sequence < next) {
            return past(sequence, arrivalNs, leg);
        }
        if (sequence - next >= capacity) {
            release(sequence - capacity + 1);
        }
        if (sequence == next) {
            remember(sequence, DELIVERED, arrivalNs, leg);
            next++;
            deliveredCount++;
            output.packet(bytes, offset, length, sequence, arrivalNs);
            deliverRun();
            return Verdict.TAKEN;
        }
        int slot = (int) sequence & mask;
        if (heldSequence[slot] == sequence) {
            return copy(sequence, arrivalNs, leg);
        }
        System.arraycopy(bytes, offset, slots, slot * slotBytes, length);
        heldSequence[slot] = sequence;
        heldLength[slot] = length;
        heldArrivalNs[slot] = arrivalNs;
        heldCount++;
        arrivals[(int) (arrivalsTail++ & (2L * capacity - 1))] = sequence;
        remember(sequence, (byte) 0, arrivalNs, leg);
        return Verdict.TAKEN;
    }

    /** When {@link #expire} has something to do, or {@link #NEVER}. */
    public long deadlineNs() {
        if (heldCount == 0) {
            arrivalsHead = arrivalsTail;
            return NEVER;
        }
        int size = arrivals.length - 1;
        while (arrivals[(int) arrivalsHead & size] < next) {
            arrivalsHead++;
        }
        return heldArrivalNs[(int) arrivals[(int) arrivalsHead & size] & mask] + holdNs;
    }

    /** Gives up what packets have waited for too long. */
    public void expire(long nowNs) {
        while (deadlineNs() <= nowNs) {
            release(arrivals[(int) arrivalsHead & (arrivals.length - 1)] + 1);
        }
        while (legs.length > 1 && settled < next && isOver(settled, nowNs)) {
            settle();
        }
    }

    /** Lets everything out: at the end of a source. */
    public void flush() {
        while (heldCount > 0) {
            int ahead = 0;
            while (heldSequence[(int) (next + ahead) & mask] != next + ahead) {
                ahead++;
            }
            release(next + ahead + 1);
        }
        settleUntil(next);
    }

    /** The sequence number that is due. */
    public long next() {
        return next;
    }

    /** Whether a packet of this number is delivered or held. */
    public boolean has(long sequence) {
        if (sequence >= next) {
            return heldSequence[(int) sequence & mask] == sequence;
        }
        int at = (int) sequence & pastMask;
        return pastSequence[at] == sequence && (past[at] & DELIVERED) != 0;
    }

    /** Packets that wait for a missing one. */
    public int heldCount() {
        return heldCount;
    }

    /** Packets delivered. */
    public long deliveredCount() {
        return deliveredCount;
    }

    /** Packets given up. */
    public long lostCount() {
        return lostCount;
    }

    /** Packets that came after they had been given up. */
    public long lateCount() {
        return lateCount;
    }

    /** Packets that came twice by the same leg. */
    public long duplicateCount() {
        return duplicateCount;
    }

    /** Packets that had to wait for an earlier one. */
    public long reorderedCount() {
        return reorderedCount;
    }

    /** What a leg did. */
    public LegFigures leg(int index) {
        return legs[index];
    }

    /** Lets out everything below {@code until}, packets and gaps, and then whatever is in order. */
    private void release(long until) {
        while (next < until) {
            if (heldCount == 0) {
                giveUp(until - next);
            } else if (!deliverNext()) {
                long missing = 1;
                while (next + missing < until
                        && heldSequence[(int) (next + missing) & mask] != next + missing) {
                    missing++;
                }
                giveUp(missing);
            }
        }
        deliverRun();
    }

    private void deliverRun() {
        while (heldCount > 0 && deliverNext()) {
            // The next may be in its slot too.
        }
    }

    private boolean deliverNext() {
        int slot = (int) next & mask;
        if (heldSequence[slot] != next) {
            return false;
        }
        heldSequence[slot] = -1;
        heldCount--;
        past[(int) next & pastMask] |= DELIVERED;
        long sequence = next++;
        deliveredCount++;
        reorderedCount++;
        output.packet(slots, slot * slotBytes, heldLength[slot], sequence, heldArrivalNs[slot]);
        return true;
    }

    private void giveUp(long count) {
        // A jump can be longer than the history; what is older than that needs no memory.
        long from = next;
        next += count;
        lostCount += count;
        for (long s = Math.max(from, next - past.length); s < next; s++) {
            settleForRoom(s);
            pastSequence[(int) s & pastMask] = s;
            past[(int) s & pastMask] = GIVEN_UP;
        }
        output.gap(from, count);
    }

    private void remember(long sequence, byte state, long arrivalNs, int leg) {
        settleForRoom(sequence);
        int at = (int) sequence & pastMask;
        pastSequence[at] = sequence;
        past[at] = state;
        pastArrivalNs[at] = arrivalNs;
        if (leg != NO_LEG) {
            past[at] |= (byte) (1 << leg);
            legs[leg].received++;
        }
    }

    private Verdict past(long sequence, long arrivalNs, int leg) {
        int at = (int) sequence & pastMask;
        if (sequence >= first && pastSequence[at] == sequence && (past[at] & DELIVERED) != 0) {
            return copy(sequence, arrivalNs, leg);
        }
        lateCount++;
        return Verdict.LATE;
    }

    /** A second copy: of the other leg's packet, of parity's, or a duplicate on its own leg. */
    private Verdict copy(long sequence, long arrivalNs, int leg) {
        if (leg == NO_LEG) {
            return Verdict.DUPLICATE;
        }
        int at = (int) sequence & pastMask;
        if ((past[at] & (1 << leg)) != 0) {
            duplicateCount++;
        } else {
            past[at] |= (byte) (1 << leg);
            legs[leg].received++;
            // A copy that was kept until it was decided may have come first.
            legs[leg].addSkew(Math.max(0, arrivalNs - pastArrivalNs[at]));
        }
        return Verdict.DUPLICATE;
    }

    /** Whether no leg can bring the packet in time any more. */
    private boolean isOver(long sequence, long nowNs) {
        int at = (int) sequence & pastMask;
        return pastSequence[at] != sequence
                || (past[at] & DELIVERED) == 0
                || nowNs - pastArrivalNs[at] > holdNs;
    }

    /** Before the place of a packet is used for this one, it is booked. */
    private void settleForRoom(long sequence) {
        settleUntil(sequence - pastMask);
    }

    private void settleUntil(long end) {
        while (legs.length > 1 && settled < end) {
            settle();
        }
    }

    private void settle() {
        int at = (int) settled & pastMask;
        if (pastSequence[at] == settled) {
            book(past[at]);
            // Still known as delivered or given up, but booked: all legs are marked.
            past[at] |= LEGS;
        } else {
            book(GIVEN_UP);
        }
        settled++;
    }

    private void book(byte state) {
        for (int leg = 0; leg < legs.length; leg++) {
            if ((state & (1 << leg)) == 0) {
                legs[leg].lost++;
                if ((state & LEGS) != 0) {
                    legs[leg].savedByOther++;
                }
            }
        }
    }
}
