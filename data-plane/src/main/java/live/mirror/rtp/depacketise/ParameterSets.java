package live.mirror.rtp.depacketise;

import live.mirror.rtp.MediaFormat;

import java.io.ByteArrayOutputStream;
import java.util.Base64;
import java.util.List;
import java.util.function.IntPredicate;

/**
 * The parameter sets of a session description, as NAL units behind start codes: a decoder needs
 * them, and a publisher whose description has them need not send them.
 */
final class ParameterSets {

    private static final byte[] START_CODE = {0, 0, 0, 1};

    private ParameterSets() {}

    /** RFC 6184 section 8.1: {@code sprop-parameter-sets}, the units in decoding order. */
    static byte[] h264(MediaFormat format) {
        return read(
                format,
                List.of("sprop-parameter-sets"),
                first -> H264Depacketiser.isParameterSet(first & H264Depacketiser.TYPE_MASK));
    }

    /** RFC 7798 section 7.1: {@code sprop-vps}, {@code sprop-sps}, {@code sprop-pps}. */
    static byte[] h265(MediaFormat format) {
        return read(
                format,
                List.of("sprop-vps", "sprop-sps", "sprop-pps"),
                first -> H265Depacketiser.isParameterSet((first >> 1) & 0x3f));
    }

    /** What is no parameter set in Base64 is left out: a decoder would only stumble over it. */
    private static byte[] read(
            MediaFormat format, List<String> names, IntPredicate isParameterSet) {
        ByteArrayOutputStream units = new ByteArrayOutputStream();
        for (String name : names) {
            for (String text : format.parameters().getOrDefault(name, "").split(",", -1)) {
                byte[] unit = decode(text.strip());
                if (unit.length > 1 && isParameterSet.test(unit[0])) {
                    units.writeBytes(START_CODE);
                    units.writeBytes(unit);
                }
            }
        }
        return units.toByteArray();
    }

    private static byte[] decode(String text) {
        try {
            return Base64.getDecoder().decode(text);
        } catch (IllegalArgumentException _) {
            return new byte[0];
        }
    }
}
