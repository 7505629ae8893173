package live.mirror.rtp;

/**
 * One RTP packet inside a byte array, read in place and reused for the next (RFC 3550 section 5.1).
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |V=2|P|X|  CC   |M|     PT      |        sequence number        |  0
 * +---+-+-+-------+-+-------------+-------------------------------+
 * |                           timestamp                           |  4
 * +---------------------------------------------------------------+
 * |                             SSRC                              |  8
 * +---------------------------------------------------------------+
 * |                     CSRC, CC times 4 bytes                    | 12
 * +-------------------------------+-------------------------------+
 * |     profile of extension      |  words that follow, if X=1    |
 * +-------------------------------+-------------------------------+
 * |                            payload              | padding |len|  if P=1
 * +-------------------------------------------------+---------+---+
 * </pre>
 *
 * <p>Every accessor is valid after {@link #read} answered {@link PacketFault#NONE} and until the
 * bytes are overwritten.
 */
public final class RtpPacket {

    /** Bytes of the fixed header. */
    public static final int HEADER_BYTES = 12;

    private static final int VERSION = 2;

    private byte[] bytes = new byte[0];
    private int offset;
    private int length;
    private int payloadOffset;
    private int payloadLength;

    /**
     * Looks at a datagram. Any bytes may be given; nothing outside of {@code [offset, offset +
     * length)} is read.
     */
    public PacketFault read(byte[] source, int from, int count) {
        if (count < HEADER_BYTES) {
            return PacketFault.TRUNCATED;
        }
        int first = source[from];
        if (((first >> 6) & 3) != VERSION) {
            return PacketFault.WRONG_VERSION;
        }
        int end = from + count;
        int at = from + HEADER_BYTES + 4 * (first & 0x0f);
        if (at > end) {
            return PacketFault.CSRC_OVERRUN;
        }
        if ((first & 0x10) != 0) {
            if (at + 4 > end) {
                return PacketFault.EXTENSION_OVERRUN;
            }
            at += 4 + 4 * BigEndian.u16(source, at + 2);
            if (at > end) {
                return PacketFault.EXTENSION_OVERRUN;
            }
        }
        int padding = 0;
        if ((first & 0x20) != 0) {
            // Section 5.1: the last octet counts the padding, itself included, so 0 is a lie.
            padding = source[end - 1] & 0xff;
            if (padding == 0 || at + padding > end) {
                return PacketFault.PADDING_OVERRUN;
            }
        }
        bytes = source;
        offset = from;
        length = count;
        payloadOffset = at;
        payloadLength = end - padding - at;
        return PacketFault.NONE;
    }

    /** The array that holds the packet. */
    public byte[] bytes() {
        return bytes;
    }

    /** Where the packet begins in the array. */
    public int offset() {
        return offset;
    }

    /** Bytes of the packet, header and padding included. */
    public int length() {
        return length;
    }

    /** Payload type, 0 to 127. */
    public int payloadType() {
        return bytes[offset + 1] & 0x7f;
    }

    /** The marker bit: for video the last packet of a frame. */
    public boolean marker() {
        return bytes[offset + 1] < 0;
    }

    /** Sequence number as on the wire, 0 to 65,535. */
    public int sequenceNumber() {
        return BigEndian.u16(bytes, offset + 2);
    }

    /** Timestamp in units of the payload's clock; wraps. */
    public int timestamp() {
        return BigEndian.i32(bytes, offset + 4);
    }

    /** Synchronisation source. */
    public int ssrc() {
        return BigEndian.i32(bytes, offset + 8);
    }

    /** Where the payload begins in the array. */
    public int payloadOffset() {
        return payloadOffset;
    }

    /** Bytes of payload, without padding; 0 is legal. */
    public int payloadLength() {
        return payloadLength;
    }
}
