package live.mirror.rtp;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;
import java.util.Map;

/**
 * What each of the 128 payload types means for one source: the static table of RFC 3551 section 6,
 * over it what a session description or a definition says of the dynamic types, and under both the
 * habits of encoders that say nothing.
 */
public final class PayloadTypes {

    /** How many types there are. */
    public static final int COUNT = 128;

    /** MPEG transport stream (RFC 3551 table 5). */
    public static final int TRANSPORT_STREAM = 33;

    private static final int VIDEO_CLOCK = 90_000;
    private static final int FIRST_DYNAMIC = 96;
    private static final MediaFormat[] KNOWN = known();

    private final MediaFormat[] formats;
    private final boolean[] transportStreams = new boolean[COUNT];

    private PayloadTypes(MediaFormat[] formats) {
        this.formats = formats;
        for (int type = 0; type < COUNT; type++) {
            transportStreams[type] = formats[type].isTransportStream();
        }
    }

    /** The static table, and the usual meaning of 96 to 99. */
    public static PayloadTypes standard() {
        return new PayloadTypes(KNOWN);
    }

    /** The same with some types told by a description or a definition. */
    public PayloadTypes with(Map<Integer, MediaFormat> told) {
        MediaFormat[] changed = formats.clone();
        told.forEach((type, format) -> changed[type] = format);
        return new PayloadTypes(changed);
    }

    /** The meaning of a type; of an unknown one the name {@code PT<n>} and the video clock. */
    public MediaFormat format(int payloadType) {
        return formats[payloadType];
    }

    /** Whether a type carries an MPEG transport stream; asked for each packet. */
    public boolean isTransportStream(int payloadType) {
        return transportStreams[payloadType];
    }

    private static MediaFormat[] known() {
        @Nullable MediaFormat[] table = new MediaFormat[COUNT];
        table[0] = new MediaFormat("PCMU", 8_000);
        table[3] = new MediaFormat("GSM", 8_000);
        table[4] = new MediaFormat("G723", 8_000);
        table[5] = new MediaFormat("DVI4", 8_000);
        table[6] = new MediaFormat("DVI4", 16_000);
        table[7] = new MediaFormat("LPC", 8_000);
        table[8] = new MediaFormat("PCMA", 8_000);
        // Section 4.5.2: G.722 samples at 16 kHz but counts at 8 kHz, by an old mistake.
        table[9] = new MediaFormat("G722", 8_000);
        table[10] = new MediaFormat("L16", 44_100, 2, Map.of());
        table[11] = new MediaFormat("L16", 44_100);
        table[12] = new MediaFormat("QCELP", 8_000);
        table[13] = new MediaFormat("CN", 8_000);
        table[14] = new MediaFormat("MPA", VIDEO_CLOCK);
        table[15] = new MediaFormat("G728", 8_000);
        table[16] = new MediaFormat("DVI4", 11_025);
        table[17] = new MediaFormat("DVI4", 22_050);
        table[18] = new MediaFormat("G729", 8_000);
        table[25] = new MediaFormat("CELB", VIDEO_CLOCK);
        table[26] = new MediaFormat("JPEG", VIDEO_CLOCK);
        table[28] = new MediaFormat("NV", VIDEO_CLOCK);
        table[31] = new MediaFormat("H261", VIDEO_CLOCK);
        table[32] = new MediaFormat("MPV", VIDEO_CLOCK);
        table[TRANSPORT_STREAM] = new MediaFormat(MediaFormat.MP2T, VIDEO_CLOCK);
        table[34] = new MediaFormat("H263", VIDEO_CLOCK);
        // Dynamic, so without a description these are only what most encoders do.
        table[FIRST_DYNAMIC] = new MediaFormat("H264", VIDEO_CLOCK);
        table[FIRST_DYNAMIC + 1] = new MediaFormat("H265", VIDEO_CLOCK);
        table[FIRST_DYNAMIC + 2] = new MediaFormat("VP8", VIDEO_CLOCK);
        table[FIRST_DYNAMIC + 3] = new MediaFormat("VP9", VIDEO_CLOCK);
        MediaFormat[] known = new MediaFormat[COUNT];
        Arrays.setAll(
                known,
                type -> {
                    MediaFormat format = table[type];
                    return format == null ? new MediaFormat("PT" + type, VIDEO_CLOCK) : format;
                });
        return known;
    }
}
