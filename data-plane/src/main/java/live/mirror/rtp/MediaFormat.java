package live.mirror.rtp;

import java.util.Locale;
import java.util.Map;

/**
 * What a payload type stands for.
 *
 * @param encoding the name registered for RTP, in upper case: {@code MP2T}, {@code H264}
 * @param clockRate ticks of the timestamp per second
 * @param channels audio channels; 1 when not said
 * @param parameters format parameters by their names in lower case, for instance {@code
 *     packetization-mode}
 */
public record MediaFormat(
        String encoding, int clockRate, int channels, Map<String, String> parameters) {

    /** The encoding of MPEG transport streams. */
    public static final String MP2T = "MP2T";

    /** Refuses what can't be computed with. */
    public MediaFormat {
        if (clockRate < 1 || clockRate > 1_000_000_000) {
            throw new IllegalArgumentException(
                    "a clock rate is 1 to 1,000,000,000 Hz, not " + clockRate);
        }
        if (channels < 1 || channels > 255) {
            throw new IllegalArgumentException(
                    "the number of channels is 1 to 255, not " + channels);
        }
        encoding = encoding.toUpperCase(Locale.ROOT);
        parameters = Map.copyOf(parameters);
    }

    /** One channel, no parameters. */
    public MediaFormat(String encoding, int clockRate) {
        this(encoding, clockRate, 1, Map.of());
    }

    /** Whether the payload is an MPEG transport stream. */
    public boolean isTransportStream() {
        return encoding.equals(MP2T);
    }
}
