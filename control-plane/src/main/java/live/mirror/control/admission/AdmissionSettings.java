package live.mirror.control.admission;

import live.mirror.settings.SettingsReader;

/**
 * How much the cluster takes.
 *
 * @param maxStreams streams at one time
 * @param maxKbps sum of their reserved bitrates, in kilobits per second; 0 means no limit
 * @param defaultKbps what is reserved for a stream that declares nothing, in kilobits per second
 */
public record AdmissionSettings(long maxStreams, long maxKbps, long defaultKbps) {

    /** Reads {@code admission.*}. */
    public static AdmissionSettings read(SettingsReader settings) {
        return new AdmissionSettings(
                settings.number("admission.max-streams", 1_000, 0, 1_000_000),
                settings.number("admission.max-kbps", 0, 0, 1_000_000_000_000L),
                settings.number("admission.default-kbps", 10_000, 1, 10_000_000));
    }
}
