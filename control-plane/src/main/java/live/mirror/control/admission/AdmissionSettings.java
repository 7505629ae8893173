package live.mirror.control.admission;

import live.mirror.settings.SettingsReader;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How much the cluster takes, and of whom.
 *
 * @param mode whether streams have to be defined
 * @param maxStreams streams at one time
 * @param maxKbps sum of their reserved bitrates, in kilobits per second; 0 means no limit
 * @param defaultKbps what is reserved for a stream that declares nothing, in kilobits per second
 * @param maxDefinitions definitions that are kept; workers hold all of them in memory
 * @param grant how long a worker may admit alone while it has no control plane; 0 means never
 * @param tokenLifetime how long an ingest token is good
 * @param tokenKeyFile the Ed25519 key pair that signs tokens, private and public key in PEM; empty:
 *     the first replica draws one and keeps it in the registry, in clear like the definitions'
 *     secrets, so that whoever may read Redis can make tokens
 */
public record AdmissionSettings(
        Mode mode,
        long maxStreams,
        long maxKbps,
        long defaultKbps,
        int maxDefinitions,
        Duration grant,
        Duration tokenLifetime,
        Optional<Path> tokenKeyFile) {

    /** Which stream ids are taken. */
    public enum Mode {
        /** Any. */
        OPEN,
        /** Those that an operator has defined. */
        DEFINED_ONLY
    }

    /** Reads {@code admission.*}. */
    public static AdmissionSettings read(SettingsReader settings) {
        return new AdmissionSettings(
                settings.choice("admission.mode", Mode.OPEN),
                settings.number("admission.max-streams", 1_000, 0, 1_000_000),
                settings.number("admission.max-kbps", 0, 0, 1_000_000_000_000L),
                settings.number("admission.default-kbps", 10_000, 1, 10_000_000),
                settings.integer("admission.max-definitions", 20_000, 0, 100_000),
                settings.duration(
                        "admission.grant",
                        Duration.ofMinutes(10),
                        Duration.ZERO,
                        Duration.ofHours(24)),
                settings.duration(
                        "admission.token-lifetime",
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        Duration.ofHours(1)),
                Optional.of(settings.text("admission.token-key-file", ""))
                        .filter(text -> !text.isEmpty())
                        .map(Path::of));
    }
}
