package live.mirror.rtp;

import java.util.HexFormat;

/** Writes bytes as a protocol diagram reads: hexadecimal groups, each with a remark. */
public final class WireBytes {

    private WireBytes() {}

    /** Joins lines; what stands behind a `|` in a line is a remark. */
    public static byte[] wire(String... lines) {
        StringBuilder hex = new StringBuilder();
        for (String line : lines) {
            int remark = line.indexOf('|');
            hex.append((remark < 0 ? line : line.substring(0, remark)).replace(" ", ""));
        }
        return HexFormat.of().parseHex(hex);
    }

    /** An RTP packet without extras. */
    public static byte[] rtp(
            int payloadType, int sequence, int timestamp, int ssrc, byte[] payload) {
        byte[] packet = new byte[RtpPacket.HEADER_BYTES + payload.length];
        packet[0] = (byte) 0x80;
        packet[1] = (byte) payloadType;
        BigEndian.put16(packet, 2, sequence);
        BigEndian.put32(packet, 4, timestamp);
        BigEndian.put32(packet, 8, ssrc);
        System.arraycopy(payload, 0, packet, RtpPacket.HEADER_BYTES, payload.length);
        return packet;
    }
}
