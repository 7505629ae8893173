package live.mirror.rtp.depacketise;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.MediaFormat;

import java.util.HexFormat;
import java.util.Optional;

/**
 * The header that makes a frame of AAC stand for itself (ISO/IEC 14496-3, annex 1.A.2.2), out of
 * the decoder's configuration that a session description carries (RFC 3640 section 4.1: {@code
 * config}).
 *
 * <pre>
 *  sync (12) id (1) layer (2) no CRC (1) | profile (2) rate (4) private (1) channels (3)
 *  original, home, copyright (4) frame length (13) buffer fullness (11) frames (2)
 * </pre>
 */
public final class AdtsHeader {

    /** Bytes of a header without CRC. */
    public static final int BYTES = 7;

    private static final int MAX_FRAME_BYTES = (1 << 13) - 1;

    /** Main, LC, SSR and LTP; ADTS has two bits for the object type, less one. */
    private static final int MAX_OBJECT_TYPE = 4;

    private static final int MAX_RATE_INDEX = 12;

    private final int objectType;
    private final int rateIndex;
    private final int channels;

    private AdtsHeader(int objectType, int rateIndex, int channels) {
        this.objectType = objectType;
        this.rateIndex = rateIndex;
        this.channels = channels;
    }

    /**
     * The header for a format, if its configuration is one that ADTS can say: object type (5 bits),
     * index of the rate (4), channels (4).
     */
    public static Optional<AdtsHeader> of(MediaFormat format) {
        byte[] config;
        try {
            config = HexFormat.of().parseHex(format.parameters().getOrDefault("config", ""));
        } catch (IllegalArgumentException _) {
            // No hexadecimal digits, no configuration.
            return Optional.empty();
        }
        if (config.length < 2) {
            return Optional.empty();
        }
        int bits = BigEndian.u16(config, 0);
        int objectType = bits >> 11;
        int rateIndex = (bits >> 7) & 0x0f;
        int channels = (bits >> 3) & 0x0f;
        return objectType >= 1
                        && objectType <= MAX_OBJECT_TYPE
                        && rateIndex <= MAX_RATE_INDEX
                        && channels >= 1
                        && channels <= 7
                ? Optional.of(new AdtsHeader(objectType, rateIndex, channels))
                : Optional.empty();
    }

    /** Writes the header of a frame of so many bytes; false when ADTS has no place for so many. */
    public boolean write(byte[] target, int at, int frameBytes) {
        int length = BYTES + frameBytes;
        if (length > MAX_FRAME_BYTES) {
            return false;
        }
        target[at] = (byte) 0xff;
        target[at + 1] = (byte) 0xf1;
        target[at + 2] = (byte) ((objectType - 1) << 6 | rateIndex << 2 | channels >> 2);
        target[at + 3] = (byte) ((channels & 3) << 6 | length >> 11);
        target[at + 4] = (byte) (length >> 3);
        // The buffer's fullness is all ones: a variable rate.
        target[at + 5] = (byte) ((length & 7) << 5 | 0x1f);
        target[at + 6] = (byte) 0xfc;
        return true;
    }
}
