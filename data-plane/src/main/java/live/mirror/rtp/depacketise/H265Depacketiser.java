package live.mirror.rtp.depacketise;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.RtpPacket;

/**
 * H.265 by RFC 7798: single NAL units, aggregation packets (section 4.4.2) and fragmentation units
 * (4.4.3), with decoding order numbers when {@code sprop-max-don-diff} announces them.
 *
 * <pre>
 *  NAL unit header: F(1) type(6) layer(6) temporal id(3)
 * </pre>
 */
final class H265Depacketiser implements Depacketiser {

    private static final int HEADER_BYTES = 2;
    private static final int FIRST_IRAP = 16;
    private static final int LAST_IRAP = 23;
    private static final int VIDEO_PARAMETERS = 32;
    private static final int SEQUENCE_PARAMETERS = 33;
    private static final int PICTURE_PARAMETERS = 34;
    private static final int DELIMITER = 35;
    private static final int AGGREGATION = 48;
    private static final int FRAGMENT = 49;
    private static final int PACI = 50;

    private final AccessUnit unit;
    private final int donBytes;
    private int fragmentStart = -1;
    private boolean afterLoss;
    private long malformed;

    H265Depacketiser(MediaFormat format, Output output) {
        unit = new AccessUnit(ParameterSets.h265(format), output);
        // Section 7.1: greater than 0 means that each NAL unit carries its number.
        String difference = format.parameters().getOrDefault("sprop-max-don-diff", "0");
        donBytes = difference.equals("0") ? 0 : 2;
    }

    @Override
    public void packet(RtpPacket packet) {
        unit.at(packet.timestamp());
        if (afterLoss) {
            afterLoss = false;
            unit.isDamaged();
        }
        int length = packet.payloadLength();
        boolean sound =
                length > HEADER_BYTES && payload(packet.bytes(), packet.payloadOffset(), length);
        if (!sound) {
            malformed++;
            unit.isDamaged();
        }
        if (packet.marker()) {
            abandonFragment();
            unit.end();
        }
    }

    @Override
    public void lost() {
        afterLoss = true;
        abandonFragment();
    }

    @Override
    public void flush() {
        abandonFragment();
        unit.end();
    }

    @Override
    public boolean isInsideUnit() {
        return unit.isOpen();
    }

    @Override
    public long malformedCount() {
        return malformed;
    }

    private static int type(byte[] bytes, int at) {
        return (bytes[at] >> 1) & 0x3f;
    }

    private boolean payload(byte[] bytes, int at, int length) {
        int type = type(bytes, at);
        if (type == FRAGMENT) {
            return fragment(bytes, at, length);
        }
        abandonFragment();
        if (type == AGGREGATION) {
            return aggregate(bytes, at + HEADER_BYTES, at + length);
        }
        if (type >= PACI || length <= HEADER_BYTES + donBytes) {
            return false;
        }
        // Section 4.4.1: header, then the number, then the rest.
        unit.begin(role(type));
        unit.add(bytes, at, HEADER_BYTES);
        unit.add(bytes, at + HEADER_BYTES + donBytes, length - HEADER_BYTES - donBytes);
        return true;
    }

    private boolean aggregate(byte[] bytes, int from, int end) {
        int at = from;
        // The first unit has a number of 16 bits, each later one a difference of 8.
        int don = donBytes;
        while (at < end) {
            if (at + don + 2 > end) {
                return false;
            }
            int size = BigEndian.u16(bytes, at + don);
            at += don + 2;
            if (size < HEADER_BYTES || at + size > end) {
                return false;
            }
            unit.begin(role(type(bytes, at)));
            unit.add(bytes, at, size);
            at += size;
            don = donBytes / 2;
        }
        return true;
    }

    /** Payload header, then S E type(6), then the number in the first fragment. */
    private boolean fragment(byte[] bytes, int at, int length) {
        boolean start = (bytes[at + 2] & 0x80) != 0;
        boolean end = (bytes[at + 2] & 0x40) != 0;
        int type = bytes[at + 2] & 0x3f;
        int skip = HEADER_BYTES + 1 + donBytes;
        if (length <= skip) {
            return false;
        }
        if (start) {
            abandonFragment();
            fragmentStart = unit.length();
            unit.begin(role(type));
            unit.add((byte) ((bytes[at] & 0x81) | type << 1));
            unit.add(bytes[at + 1]);
        } else if (fragmentStart < 0) {
            unit.isDamaged();
            return true;
        }
        unit.add(bytes, at + skip, length - skip);
        if (end) {
            fragmentStart = -1;
        }
        return true;
    }

    /** Table 7-1 of ITU-T H.265. */
    static boolean isParameterSet(int type) {
        return type >= VIDEO_PARAMETERS && type <= PICTURE_PARAMETERS;
    }

    private static AccessUnit.Role role(int type) {
        return switch (type) {
            case SEQUENCE_PARAMETERS -> AccessUnit.Role.PARAMETERS;
            case DELIMITER -> AccessUnit.Role.DELIMITER;
            default ->
                    type >= FIRST_IRAP && type <= LAST_IRAP
                            ? AccessUnit.Role.RANDOM_ACCESS
                            : AccessUnit.Role.OTHER;
        };
    }

    private void abandonFragment() {
        if (fragmentStart >= 0) {
            unit.truncate(fragmentStart);
            unit.isDamaged();
            fragmentStart = -1;
        }
    }
}
