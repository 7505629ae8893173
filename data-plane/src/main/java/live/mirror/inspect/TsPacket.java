package live.mirror.inspect;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * The header of a transport packet (ISO/IEC 13818-1, 2.4.3.2), as one big-endian word.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------+-+-+-+-------------------------+---+---+-------+
 *  |  sync 0x47    |E|S|P|           PID           |SC |AFC|  CC   |
 *  +---------------+-+-+-+-------------------------+---+---+-------+
 *  E transport error, S payload unit start, AFC adaptation field control (1 payload, 2 adaptation field)
 * </pre>
 */
final class TsPacket {

    static final int BYTES = 188;
    static final int SYNC = 0x47;
    static final int PAT_PID = 0;

    private static final int HEADER_BYTES = 4;

    /** Up to the length of what may follow. */
    private static final int PES_HEADER_BYTES = 9;

    private static final int UNIT_START = 1 << 22;
    private static final int TRANSPORT_ERROR = 1 << 23;
    private static final int HAS_PAYLOAD = 1 << 4;
    private static final int HAS_ADAPTATION = 1 << 5;
    private static final int RANDOM_ACCESS_INDICATOR = 0x40;

    private static final ValueLayout.OfInt WORD =
            ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private TsPacket() {}

    static int header(MemorySegment memory, long offset) {
        return memory.get(WORD, offset);
    }

    static boolean isPacket(int header) {
        return header >>> 24 == SYNC && (header & TRANSPORT_ERROR) == 0;
    }

    static int pid(int header) {
        return (header >>> 8) & 0x1fff;
    }

    static boolean isUnitStart(int header) {
        return (header & UNIT_START) != 0;
    }

    /** Whether the adaptation field says that a decoder can begin here (2.4.3.5). */
    static boolean isRandomAccess(MemorySegment memory, long offset, int header) {
        return (header & HAS_ADAPTATION) != 0
                && unsignedByte(memory, offset + 4) > 0
                && (unsignedByte(memory, offset + 5) & RANDOM_ACCESS_INDICATOR) != 0;
    }

    /** Bytes before the payload; {@link #BYTES} when there is none. */
    static int payloadOffset(MemorySegment memory, long offset, int header) {
        if ((header & HAS_PAYLOAD) == 0) {
            return BYTES;
        }
        return (header & HAS_ADAPTATION) == 0
                ? HEADER_BYTES
                : Math.min(BYTES, HEADER_BYTES + 1 + unsignedByte(memory, offset + 4));
    }

    /** The same behind the header of the PES packet that begins here (2.4.3.6). */
    static int pesPayloadOffset(MemorySegment memory, long offset, int header) {
        int pes = payloadOffset(memory, offset, header);
        return pes + PES_HEADER_BYTES >= BYTES
                ? BYTES
                : Math.min(
                        BYTES,
                        pes
                                + PES_HEADER_BYTES
                                + unsignedByte(memory, offset + pes + PES_HEADER_BYTES - 1));
    }

    static int unsignedByte(MemorySegment memory, long offset) {
        return Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, offset));
    }

    static int unsignedShort(MemorySegment memory, long offset) {
        return unsignedByte(memory, offset) << 8 | unsignedByte(memory, offset + 1);
    }
}
