package live.mirror.rtp.depacketise;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.RtpPacket;

import java.util.Map;
import java.util.Optional;

/**
 * AAC by RFC 3640, modes {@code AAC-hbr} and {@code AAC-lbr}: several whole access units in one
 * packet, or one unit over several. Units come out raw, as the decoder's configuration describes
 * them.
 *
 * <pre>
 *  AU-headers-length in bits (16) | AU-header, AU-header, ... | AU, AU, ...
 *  AU-header: AU-size | AU-Index of the first, AU-Index-delta of the others
 * </pre>
 */
final class AacDepacketiser implements Depacketiser {

    private static final int MAX_UNIT_BYTES = 8_192;
    private static final int SAMPLES_PER_UNIT = 1_024;
    private static final int MAX_FIELD_BITS = 32;

    private final Output output;
    private final int sizeBits;
    private final int indexBits;
    private final int deltaBits;
    private final int unitTicks;

    // A unit over several packets.
    private final byte[] pending = new byte[MAX_UNIT_BYTES];
    private int pendingLength;
    private int pendingSize;
    private int pendingTimestamp;
    private boolean afterLoss;
    private long malformed;

    private AacDepacketiser(
            Output output, int sizeBits, int indexBits, int deltaBits, int unitTicks) {
        this.output = output;
        this.sizeBits = sizeBits;
        this.indexBits = indexBits;
        this.deltaBits = deltaBits;
        this.unitTicks = unitTicks;
    }

    /** One for this description, unless it asks for what these modes do not have. */
    static Optional<Depacketiser> of(MediaFormat format, Output output) {
        Map<String, String> parameters = format.parameters();
        boolean low = parameters.getOrDefault("mode", "").equalsIgnoreCase("AAC-lbr");
        int size = number(parameters, "sizelength", low ? 6 : 13);
        int index = number(parameters, "indexlength", low ? 2 : 3);
        int delta = number(parameters, "indexdeltalength", low ? 2 : 3);
        int ticks = number(parameters, "constantduration", SAMPLES_PER_UNIT);
        boolean plain =
                size > 0
                        && size <= MAX_FIELD_BITS
                        && index >= 0
                        && index <= MAX_FIELD_BITS
                        && delta >= 0
                        && delta <= MAX_FIELD_BITS
                        && number(parameters, "ctsdeltalength", 0) == 0
                        && number(parameters, "dtsdeltalength", 0) == 0
                        && number(parameters, "randomaccessindication", 0) == 0
                        && number(parameters, "streamstateindication", 0) == 0
                        && number(parameters, "auxiliarydatasizelength", 0) == 0;
        return plain
                ? Optional.of(new AacDepacketiser(output, size, index, delta, ticks))
                : Optional.empty();
    }

    @Override
    public void packet(RtpPacket packet) {
        if (!payload(packet)) {
            malformed++;
            abandon();
        }
        afterLoss = false;
    }

    @Override
    public void lost() {
        afterLoss = true;
        abandon();
    }

    @Override
    public void flush() {
        abandon();
    }

    @Override
    public boolean isInsideUnit() {
        return pendingSize > 0;
    }

    @Override
    public long malformedCount() {
        return malformed;
    }

    private boolean payload(RtpPacket packet) {
        byte[] bytes = packet.bytes();
        int from = packet.payloadOffset();
        int end = from + packet.payloadLength();
        if (end - from < 2) {
            return false;
        }
        int headerBits = BigEndian.u16(bytes, from);
        int at = from + 2 + (headerBits + 7) / 8;
        int first = sizeBits + indexBits;
        if (headerBits < first || at > end) {
            return false;
        }
        int bit = 8 * (from + 2);
        int endBit = bit + headerBits;
        int timestamp = packet.timestamp();
        int size = (int) bits(bytes, bit, sizeBits);
        if (bits(bytes, bit + sizeBits, indexBits) != 0 || size > MAX_UNIT_BYTES) {
            // Interleaving, or a size beyond what AAC has.
            return false;
        }
        if (pendingSize > 0 && (pendingSize != size || pendingTimestamp != timestamp)) {
            // The rest of the unit before does not come.
            abandon();
        }
        if (size > end - at || pendingSize > 0) {
            return headerBits == first && part(bytes, at, end - at, size, timestamp);
        }
        while (true) {
            if (size > end - at) {
                return false;
            }
            output.accessUnit(bytes, at, size, timestamp, true, afterLoss);
            afterLoss = false;
            at += size;
            bit += bit == 8 * (from + 2) ? first : sizeBits + deltaBits;
            if (bit + sizeBits + deltaBits > endBit) {
                return bit == endBit && at == end;
            }
            size = (int) bits(bytes, bit, sizeBits);
            timestamp += unitTicks * (1 + (int) bits(bytes, bit + sizeBits, deltaBits));
            if (size < 0 || size > MAX_UNIT_BYTES) {
                return false;
            }
        }
    }

    /** Section 3.2.3.1: each part carries the size of the whole, and the same timestamp. */
    private boolean part(byte[] bytes, int at, int length, int size, int timestamp) {
        if (pendingSize == 0 && afterLoss) {
            // Perhaps not the first part; the next unit will tell.
            return true;
        }
        if (size < 0 || pendingLength + length > size) {
            return false;
        }
        System.arraycopy(bytes, at, pending, pendingLength, length);
        pendingLength += length;
        pendingSize = size;
        pendingTimestamp = timestamp;
        if (pendingLength == size) {
            output.accessUnit(pending, 0, size, timestamp, true, false);
            abandon();
        }
        return true;
    }

    private void abandon() {
        pendingLength = 0;
        pendingSize = 0;
    }

    private static long bits(byte[] bytes, int from, int count) {
        long value = 0;
        for (int bit = from; bit < from + count; bit++) {
            value = value << 1 | ((bytes[bit >> 3] >> (7 - (bit & 7))) & 1);
        }
        return value;
    }

    private static int number(Map<String, String> parameters, String name, int fallback) {
        String text = parameters.get(name);
        if (text == null) {
            return fallback;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // Not a number is not what we can do.
            return -1;
        }
    }
}
