package live.mirror.inspect;

/** The stream types of a PMT that matter here (ISO/IEC 13818-1, table 2-34). */
enum StreamType {
    MPEG2_VIDEO("mpeg2video", true),
    H264("h264", true),
    H265("hevc", true),
    OTHER("", false);

    private final String codec;
    private final boolean video;

    StreamType(String codec, boolean video) {
        this.codec = codec;
        this.video = video;
    }

    boolean isVideo() {
        return video;
    }

    static StreamType of(int streamType) {
        return switch (streamType) {
            case 0x01, 0x02 -> MPEG2_VIDEO;
            case 0x1b -> H264;
            case 0x24 -> H265;
            default -> OTHER;
        };
    }

    /** The codec's usual name. */
    static String codec(int streamType) {
        StreamType known = of(streamType);
        if (known != OTHER) {
            return known.codec;
        }
        return switch (streamType) {
            case 0x03, 0x04 -> "mp2";
            case 0x06 -> "private";
            case 0x0f -> "aac";
            case 0x11 -> "aac_latm";
            case 0x15 -> "timed_id3";
            case 0x20 -> "mvc";
            case 0x21 -> "jpeg2000";
            case 0x33 -> "vvc";
            case 0x81 -> "ac3";
            case 0x86 -> "scte_35";
            case 0x87 -> "eac3";
            default -> "stream_type 0x%02x".formatted(streamType);
        };
    }

    /**
     * Whether a NAL unit or start code with this first byte (behind 00 00 01) tells that a picture
     * begins from which a decoder can start. Parameter sets count: they stand before it, and often
     * they alone fit into the first packet.
     */
    boolean beginsRandomAccess(int firstByte) {
        return switch (this) {
            // H.264, table 7-1: 5 IDR slice, 7 sequence parameter set.
            case H264 -> (firstByte & 0x1f) == 5 || (firstByte & 0x1f) == 7;
            // H.265, table 7-1: 16 to 21 IRAP, 32 and 33 video and sequence parameter set.
            case H265 -> {
                int type = (firstByte >> 1) & 0x3f;
                yield (type >= 16 && type <= 21) || type == 32 || type == 33;
            }
            // H.262, 6.2.2.1: sequence header.
            case MPEG2_VIDEO -> firstByte == 0xb3;
            case OTHER -> false;
        };
    }

    /** The same for the pictures from which it can't. */
    boolean beginsPicture(int firstByte) {
        return switch (this) {
            // Slices of pictures that are no IDR, or partitions of them.
            case H264 -> (firstByte & 0x1f) >= 1 && (firstByte & 0x1f) <= 4;
            // All slices stand below 32.
            case H265 -> ((firstByte >> 1) & 0x3f) < 32;
            // H.262, table 6-1: picture start code; without a sequence header nothing is known of
            // it.
            case MPEG2_VIDEO -> firstByte == 0x00;
            case OTHER -> false;
        };
    }
}
