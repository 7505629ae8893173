package live.mirror.rtp.depacketise;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.RtpPacket;

/**
 * H.264 by RFC 6184, packetization modes 0 and 1: single NAL units, aggregates (STAP-A, section
 * 5.7.1) and fragments (FU-A, section 5.8). Mode 1 is in decoding order, so nothing is reordered.
 */
final class H264Depacketiser implements Depacketiser {

    static final int TYPE_MASK = 0x1f;

    private static final int IDR = 5;
    private static final int SEQUENCE_PARAMETERS = 7;
    private static final int PICTURE_PARAMETERS = 8;
    private static final int DELIMITER = 9;
    private static final int SEQUENCE_EXTENSION = 13;
    private static final int SUBSET_PARAMETERS = 15;
    private static final int STAP_A = 24;
    private static final int FU_A = 28;

    private final AccessUnit unit;
    private int fragmentStart = -1;
    private boolean afterLoss;
    private long malformed;

    H264Depacketiser(MediaFormat format, Output output) {
        unit = new AccessUnit(ParameterSets.h264(format), output);
    }

    /** Table 7-1 of ITU-T H.264. */
    static boolean isParameterSet(int type) {
        return switch (type) {
            case SEQUENCE_PARAMETERS, PICTURE_PARAMETERS, SEQUENCE_EXTENSION, SUBSET_PARAMETERS ->
                    true;
            default -> false;
        };
    }

    private static AccessUnit.Role role(int type) {
        return switch (type) {
            case IDR -> AccessUnit.Role.RANDOM_ACCESS;
            case SEQUENCE_PARAMETERS -> AccessUnit.Role.PARAMETERS;
            case DELIMITER -> AccessUnit.Role.DELIMITER;
            default -> AccessUnit.Role.OTHER;
        };
    }

    @Override
    public void packet(RtpPacket packet) {
        unit.at(packet.timestamp());
        if (afterLoss) {
            afterLoss = false;
            unit.isDamaged();
        }
        byte[] bytes = packet.bytes();
        int at = packet.payloadOffset();
        int length = packet.payloadLength();
        boolean sound = length > 0 && payload(bytes, at, length);
        if (!sound) {
            malformed++;
            unit.isDamaged();
        }
        if (packet.marker()) {
            // Section 5.1: set on the last packet of the access unit.
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

    private boolean payload(byte[] bytes, int at, int length) {
        int type = bytes[at] & TYPE_MASK;
        if (type == FU_A) {
            return fragment(bytes, at, length);
        }
        abandonFragment();
        if (type == STAP_A) {
            return aggregate(bytes, at + 1, at + length);
        }
        if (type == 0 || type > STAP_A) {
            // STAP-B, MTAP and FU-B belong to the interleaved mode, which nobody sends live.
            return false;
        }
        nal(bytes, at, length);
        return true;
    }

    private boolean aggregate(byte[] bytes, int from, int end) {
        int at = from;
        while (at < end) {
            if (at + 2 > end) {
                return false;
            }
            int size = BigEndian.u16(bytes, at);
            at += 2;
            if (size == 0 || at + size > end) {
                return false;
            }
            nal(bytes, at, size);
            at += size;
        }
        return true;
    }

    private void nal(byte[] bytes, int at, int length) {
        unit.begin(role(bytes[at] & TYPE_MASK));
        unit.add(bytes, at, length);
    }

    /** FU indicator: F, NRI, type 28; FU header: S, E, R, the type of the NAL unit. */
    private boolean fragment(byte[] bytes, int at, int length) {
        if (length < 3) {
            return false;
        }
        boolean start = (bytes[at + 1] & 0x80) != 0;
        boolean end = (bytes[at + 1] & 0x40) != 0;
        int type = bytes[at + 1] & TYPE_MASK;
        if (start) {
            abandonFragment();
            fragmentStart = unit.length();
            unit.begin(role(type));
            unit.add((byte) ((bytes[at] & 0xe0) | type));
        } else if (fragmentStart < 0) {
            // Its beginning was lost: counted as a loss already, or the sender is wrong.
            unit.isDamaged();
            return true;
        }
        unit.add(bytes, at + 2, length - 2);
        if (end) {
            fragmentStart = -1;
        }
        return true;
    }

    /** A NAL unit whose end does not come is of no use to a decoder. */
    private void abandonFragment() {
        if (fragmentStart >= 0) {
            unit.truncate(fragmentStart);
            unit.isDamaged();
            fragmentStart = -1;
        }
    }
}
