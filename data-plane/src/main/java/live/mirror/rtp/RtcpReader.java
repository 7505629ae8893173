package live.mirror.rtp;

/**
 * Reads RTCP datagrams (RFC 3550 section 6.4 to 6.6). A datagram is checked as a whole first
 * (appendix A.2), and nothing is told of one that is malformed anywhere.
 *
 * <p>One rule of A.2 is not kept: that a report comes first. RFC 5506 lets a datagram begin with
 * any packet, and senders that never heard of it part with a bare BYE or SDES. The rule is there to
 * tell RTCP from what was misaddressed; here the sender's address and SSRC are pinned already, and
 * a known type has to come first.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---+-+---------+---------------+-------------------------------+
 * |V=2|P|  count  |      type     | length in words, less one     |
 * +---+-+---------+---------------+-------------------------------+
 * |                  SSRC, then what the type says                |
 * +---------------------------------------------------------------+
 * </pre>
 */
public final class RtcpReader {

    /** Type of a sender report. */
    public static final int SENDER_REPORT = 200;

    /** Type of a receiver report. */
    public static final int RECEIVER_REPORT = 201;

    /** Type of a source description. */
    public static final int SOURCE_DESCRIPTION = 202;

    /** Type of a goodbye. */
    public static final int BYE = 203;

    /** Bytes of the header with its first SSRC. */
    public static final int HEADER_BYTES = 8;

    /** The last type that is known: extended reports (RFC 3611). */
    private static final int EXTENDED_REPORT = 207;

    private static final int BLOCK_BYTES = 24;
    private static final int SENDER_INFO_BYTES = 20;
    private static final int CNAME = 1;

    /** Receives what a well-formed datagram says. */
    public interface Handler {
        /**
         * A sender report.
         *
         * @param ntp wall clock of the sender, as an NTP timestamp of 64 bits
         * @param rtpTimestamp the same instant on the media clock
         */
        void senderReport(int ssrc, long ntp, int rtpTimestamp, long packets, long octets);

        /** A source has left. */
        void bye(int ssrc);

        /** A source's canonical name; the bytes are valid during the call. */
        void canonicalName(int ssrc, byte[] bytes, int offset, int length);
    }

    private RtcpReader() {}

    /** Whether a datagram is RTCP rather than RTP when both share a port (RFC 5761 section 4). */
    public static boolean isRtcp(int secondByte) {
        int type = secondByte & 0xff;
        return type >= 192 && type <= 223;
    }

    /** Checks a datagram and tells the handler what it says. */
    public static PacketFault read(byte[] bytes, int offset, int length, Handler handler) {
        PacketFault fault = check(bytes, offset, length);
        if (fault != PacketFault.NONE) {
            return fault;
        }
        int end = offset + length;
        for (int at = offset; at < end; at += size(bytes, at)) {
            tell(bytes, at, handler);
        }
        return PacketFault.NONE;
    }

    private static PacketFault check(byte[] bytes, int offset, int length) {
        if (length < HEADER_BYTES) {
            return PacketFault.TRUNCATED;
        }
        int firstType = bytes[offset + 1] & 0xff;
        if (firstType < SENDER_REPORT || firstType > EXTENDED_REPORT) {
            return PacketFault.RTCP_FIRST_PACKET;
        }
        int end = offset + length;
        int at = offset;
        while (at < end) {
            if (end - at < 4) {
                return PacketFault.RTCP_LENGTH;
            }
            if (((bytes[at] >> 6) & 3) != 2) {
                return PacketFault.WRONG_VERSION;
            }
            int next = at + size(bytes, at);
            if (next > end) {
                return PacketFault.RTCP_LENGTH;
            }
            int content = next;
            if ((bytes[at] & 0x20) != 0) {
                int padding = bytes[next - 1] & 0xff;
                // Section 6.4.1: padding is a multiple of four, and only on the last packet.
                if (next != end || padding == 0 || padding % 4 != 0 || padding > next - at - 4) {
                    return PacketFault.RTCP_PADDING;
                }
                content = next - padding;
            }
            if (!holdsItsBlocks(bytes, at, content)) {
                return PacketFault.RTCP_BLOCKS;
            }
            at = next;
        }
        return PacketFault.NONE;
    }

    private static boolean holdsItsBlocks(byte[] bytes, int at, int end) {
        int count = bytes[at] & 0x1f;
        int room = end - at;
        return switch (bytes[at + 1] & 0xff) {
            case SENDER_REPORT -> room >= HEADER_BYTES + SENDER_INFO_BYTES + count * BLOCK_BYTES;
            case RECEIVER_REPORT -> room >= HEADER_BYTES + count * BLOCK_BYTES;
            case BYE -> room >= 4 + 4 * count;
            case SOURCE_DESCRIPTION -> chunksFit(bytes, at + 4, end, count);
            // Feedback, extended reports and whatever comes: their length was checked.
            default -> true;
        };
    }

    private static boolean chunksFit(byte[] bytes, int from, int end, int count) {
        int at = from;
        for (int chunk = 0; chunk < count; chunk++) {
            at = chunkEnd(bytes, at, end);
            if (at < 0) {
                return false;
            }
        }
        return true;
    }

    /** Where the chunk that begins at {@code from} ends, or -1 when it does not fit. */
    private static int chunkEnd(byte[] bytes, int from, int end) {
        int at = from + 4;
        while (at < end && bytes[at] != 0) {
            if (at + 2 > end) {
                return -1;
            }
            at += 2 + (bytes[at + 1] & 0xff);
        }
        if (at >= end) {
            return -1;
        }
        // The list ends with one to four zero bytes, up to the next word of the chunk.
        int chunkEnd = from + (at - from + 4) / 4 * 4;
        return chunkEnd <= end ? chunkEnd : -1;
    }

    private static void tell(byte[] bytes, int at, Handler handler) {
        int count = bytes[at] & 0x1f;
        switch (bytes[at + 1] & 0xff) {
            case SENDER_REPORT ->
                    handler.senderReport(
                            BigEndian.i32(bytes, at + 4),
                            BigEndian.i64(bytes, at + 8),
                            BigEndian.i32(bytes, at + 16),
                            BigEndian.u32(bytes, at + 20),
                            BigEndian.u32(bytes, at + 24));
            case BYE -> {
                for (int i = 0; i < count; i++) {
                    handler.bye(BigEndian.i32(bytes, at + 4 + 4 * i));
                }
            }
            case SOURCE_DESCRIPTION -> tellNames(bytes, at, count, handler);
            default -> {
                // A receiver report speaks of streams that we do not send; others are not for us.
            }
        }
    }

    private static void tellNames(byte[] bytes, int at, int count, Handler handler) {
        int end = at + size(bytes, at);
        int chunk = at + 4;
        for (int i = 0; i < count; i++) {
            int item = chunk + 4;
            while (bytes[item] != 0) {
                int length = bytes[item + 1] & 0xff;
                if (bytes[item] == CNAME) {
                    handler.canonicalName(BigEndian.i32(bytes, chunk), bytes, item + 2, length);
                }
                item += 2 + length;
            }
            chunk = chunkEnd(bytes, chunk, end);
        }
    }

    private static int size(byte[] bytes, int at) {
        return 4 + 4 * BigEndian.u16(bytes, at + 2);
    }
}
