package live.mirror.rtp.fec;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.RtpPacket;

import java.util.Arrays;

/**
 * Recovers lost packets from the parity of the rows and columns of a matrix (SMPTE 2022-1). The
 * matrix is L columns wide and D rows deep; a column's packets lie L apart, a row's side by side.
 * One missing packet of a row or column is the exclusive-or of all the others and the parity; what
 * is recovered may make another row or column solvable, and so on until nothing more can be.
 *
 * <p>A parity packet, behind an RTP header whose P, X, CC and M are parity themselves:
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-------------------------------+-------------------------------+
 * |   base sequence, low bits     |     parity of the lengths     | 12
 * +-+-------------+---------------+-------------------------------+
 * |E|parity of PT |                   mask, 0                     | 16
 * +-+-------------+-----------------------------------------------+
 * |                   parity of the timestamps                    | 20
 * +-+-+-----+-----+---------------+---------------+---------------+
 * |X|D|type |index|    offset     |      NA       | base, high    | 24
 * +-+-+-----+-----+---------------+---------------+---------------+
 * |          parity of everything behind the fixed header         | 28
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class ParityDecoder {

    /** Bytes in front of the parity itself. */
    public static final int HEADER_BYTES = RtpPacket.HEADER_BYTES + 16;

    private static final int MAX_SIDE = 20;
    private static final int MAX_MATRIX = 100;

    /** Media packets remembered: the largest matrix, the next one, and room for reordering. */
    private static final int MEDIA = 512;

    /** Parity that waits: all rows and columns of some matrices. */
    private static final int PARITIES = 128;

    /** Flags, marker and type, length, timestamp: what is recovered of the header. */
    private static final int FIELDS_BYTES = 8;

    /** Receives what is recovered. */
    @FunctionalInterface
    public interface Output {
        /**
         * A packet that was lost; its bytes are valid during the call.
         *
         * @return whether it came in time
         */
        boolean recovered(byte[] bytes, int offset, int length, long sequence);
    }

    private final int slotBytes;
    private final Output output;

    // Media packets by number.
    private final byte[] media;
    private final long[] mediaSequence = new long[MEDIA];
    private final int[] mediaLength = new int[MEDIA];
    private long highest = -1;
    private int ssrc;

    // Parity that may still be of use; base is -1 where there is none.
    private final byte[] parity;
    private final int[] parityLength = new int[PARITIES];
    private final long[] parityBase = new long[PARITIES];
    private final int[] parityOffset = new int[PARITIES];
    private final int[] parityCount = new int[PARITIES];
    private int nextParity;
    private int waiting;

    private final byte[] rebuilt;
    private long recoveredCount;
    private long parityPackets;

    /** Allocates a decoder for packets up to this length. */
    public ParityDecoder(int slotBytes, Output output) {
        this.slotBytes = slotBytes;
        this.output = output;
        media = new byte[MEDIA * slotBytes];
        parity = new byte[PARITIES * slotBytes];
        rebuilt = new byte[slotBytes];
        forget();
    }

    /** Packets recovered in time. */
    public long recoveredCount() {
        return recoveredCount;
    }

    /** Parity packets received. */
    public long parityCount() {
        return parityPackets;
    }

    /** Forgets everything: the source began a new count. */
    public void forget() {
        Arrays.fill(mediaSequence, -1);
        Arrays.fill(parityBase, -1);
        highest = -1;
        waiting = 0;
    }

    /** Takes a media packet that arrived. */
    public void media(byte[] bytes, int offset, int length, long sequence) {
        keep(bytes, offset, length, sequence);
        if (waiting > 0) {
            solve(false);
        }
    }

    /** Takes a parity packet of a row or a column. */
    public PacketFault parity(byte[] bytes, int offset, int length) {
        if (length < HEADER_BYTES || length > slotBytes) {
            return PacketFault.TRUNCATED;
        }
        if (((bytes[offset] >> 6) & 3) != 2) {
            return PacketFault.WRONG_VERSION;
        }
        int kind = bytes[offset + 24] & 0xff;
        int step = bytes[offset + 25] & 0xff;
        int count = bytes[offset + 26] & 0xff;
        boolean row = (kind & 0x40) != 0;
        boolean sound =
                (kind & 0xbf) == 0
                        && step >= 1
                        && step <= MAX_SIDE
                        && count >= 1
                        && count <= MAX_SIDE
                        && step * count <= MAX_MATRIX
                        && (!row || step == 1)
                        && BigEndian.u24(bytes, offset + 17) == 0;
        if (!sound) {
            return PacketFault.FEC_HEADER;
        }
        parityPackets++;
        if (highest < 0) {
            // Nothing to count from yet: this parity protects what was before us.
            return PacketFault.NONE;
        }
        long base = ExtendedSequence.near(highest, BigEndian.u16(bytes, offset + 12));
        if (base >= 0 && highest - base < MEDIA - MAX_MATRIX) {
            store(bytes, offset, length, base, step, count);
            solve(false);
        }
        return PacketFault.NONE;
    }

    /**
     * Solves also what the next packet might bring by itself: nothing more will come, or too late.
     */
    public void settle() {
        if (waiting > 0) {
            solve(true);
        }
    }

    private void store(byte[] bytes, int offset, int length, long base, int step, int count) {
        int slot = nextParity;
        nextParity = (nextParity + 1) % PARITIES;
        if (parityBase[slot] < 0) {
            waiting++;
        }
        parityBase[slot] = base;
        parityOffset[slot] = step;
        parityCount[slot] = count;
        parityLength[slot] = length - HEADER_BYTES;
        int at = slot * slotBytes;
        parity[at] = (byte) (bytes[offset] & 0x3f);
        parity[at + 1] = (byte) ((bytes[offset + 1] & 0x80) | (bytes[offset + 16] & 0x7f));
        System.arraycopy(bytes, offset + 14, parity, at + 2, 2);
        System.arraycopy(bytes, offset + 20, parity, at + 4, 4);
        System.arraycopy(
                bytes, offset + HEADER_BYTES, parity, at + FIELDS_BYTES, parityLength[slot]);
    }

    private void keep(byte[] bytes, int offset, int length, long sequence) {
        if (sequence <= highest - MEDIA || length > slotBytes) {
            return;
        }
        int slot = (int) sequence & (MEDIA - 1);
        System.arraycopy(bytes, offset, media, slot * slotBytes, length);
        mediaSequence[slot] = sequence;
        mediaLength[slot] = length;
        if (sequence > highest) {
            highest = sequence;
            ssrc = BigEndian.i32(bytes, offset + 8);
        }
    }

    /** Goes round all waiting parity until a round finds nothing. */
    private void solve(boolean last) {
        boolean found = true;
        while (found && waiting > 0) {
            found = false;
            for (int slot = 0; slot < PARITIES; slot++) {
                if (parityBase[slot] >= 0) {
                    found |= solve(slot, last);
                }
            }
        }
    }

    private boolean solve(int slot, boolean last) {
        long missing = -1;
        int missingCount = 0;
        for (int i = 0; i < parityCount[slot]; i++) {
            long sequence = parityBase[slot] + (long) i * parityOffset[slot];
            if (mediaSequence[(int) sequence & (MEDIA - 1)] != sequence) {
                missing = sequence;
                missingCount++;
            }
        }
        if (missingCount == 0 || highest - parityBase[slot] >= MEDIA) {
            drop(slot);
            return false;
        }
        // What is ahead of everything received is probably still on its way.
        if (missingCount > 1 || (missing > highest && !last)) {
            return false;
        }
        boolean found = rebuild(slot, missing);
        drop(slot);
        return found;
    }

    private void drop(int slot) {
        parityBase[slot] = -1;
        waiting--;
    }

    private boolean rebuild(int slot, long missing) {
        int at = slot * slotBytes;
        byte[] sum = rebuilt;
        int sumLength = parityLength[slot];
        System.arraycopy(parity, at, sum, 0, FIELDS_BYTES);
        // The packet is built in place: fixed header first, the fields are put there at the end.
        byte flags = sum[0];
        byte markerAndType = sum[1];
        int length = BigEndian.u16(sum, 2);
        int timestamp = BigEndian.i32(sum, 4);
        int body = RtpPacket.HEADER_BYTES;
        if (body + sumLength > slotBytes) {
            return false;
        }
        System.arraycopy(parity, at + FIELDS_BYTES, sum, body, sumLength);
        for (int i = 0; i < parityCount[slot]; i++) {
            long sequence = parityBase[slot] + (long) i * parityOffset[slot];
            if (sequence == missing) {
                continue;
            }
            int index = (int) sequence & (MEDIA - 1);
            int other = index * slotBytes;
            flags ^= (byte) (media[other] & 0x3f);
            markerAndType ^= media[other + 1];
            length ^= mediaLength[index] - RtpPacket.HEADER_BYTES;
            timestamp ^= BigEndian.i32(media, other + 4);
            int shared = Math.min(sumLength, mediaLength[index] - RtpPacket.HEADER_BYTES);
            for (int b = 0; b < shared; b++) {
                sum[body + b] ^= media[other + body + b];
            }
        }
        if (length > sumLength) {
            // The parity lies, or a packet is not the one that was protected.
            return false;
        }
        sum[0] = (byte) (0x80 | flags);
        sum[1] = markerAndType;
        BigEndian.put16(sum, 2, (int) missing & 0xffff);
        BigEndian.put32(sum, 4, timestamp);
        BigEndian.put32(sum, 8, ssrc);
        int packetLength = body + length;
        keep(sum, 0, packetLength, missing);
        if (output.recovered(sum, 0, packetLength, missing)) {
            recoveredCount++;
        }
        return true;
    }
}
