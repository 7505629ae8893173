package live.mirror.delivery;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;
import live.mirror.settings.TlsFiles;
import live.mirror.settings.TokenFile;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * Settings below {@code delivery}.
 *
 * @param address where packagers connect; {@code delivery.address}, default 127.0.0.1:9090
 * @param unixSocket where packagers on the same machine connect as well; {@code
 *     delivery.unix-socket}, an absolute path of at most 100 characters, empty for none, which is
 *     the default
 * @param tls {@code delivery.tls.certificate} and {@code delivery.tls.key}: what TCP is encrypted
 *     with; empty, the default, speaks in clear
 * @param tokenFile tokens, one a line, of which each call has to show one; {@code
 *     delivery.token-file}, empty, the default, for no such check
 * @param interval how often new media is handed on, {@code delivery.interval}, 1 to 50 ms, default
 *     5 ms; half as often while it is less than 8 KiB at a time (streams below some 10 Mb/s). Half
 *     of it is added to the delay; smaller costs CPU here and at the packagers
 * @param threads event loops; {@code delivery.threads}, 1 to 64, default 2
 * @param maxSubscriptions open at once on this worker; {@code delivery.max-subscriptions}, 1 to
 *     100,000, default 1,000
 * @param maxSubscriptionsPerStream {@code delivery.max-subscriptions-per-stream}, 1 to 100,000,
 *     default 500
 * @param maxConnectionsPerAddress connections from one address; {@code
 *     delivery.max-connections-per-address}, 1 to 100,000, default 250
 * @param queueBytes what may wait for one subscriber's socket; {@code delivery.queue}, 32 KiB to 4
 *     MiB, default 128 KiB
 * @param stallLimit how long a subscriber may leave its queue full; {@code delivery.stall-limit}, 1
 *     s to 1 h, default 30 s
 * @param keepAlive a connection that is silent so long is asked for a sign of life, and cut when
 *     none comes in the same time; {@code delivery.keep-alive}, 10 s (gRPC's least) to 10 min,
 *     default 20 s
 */
public record DeliverySettings(
        HostPort address,
        Optional<Path> unixSocket,
        Optional<TlsFiles> tls,
        Optional<Path> tokenFile,
        Duration interval,
        int threads,
        int maxSubscriptions,
        int maxSubscriptionsPerStream,
        int maxConnectionsPerAddress,
        int queueBytes,
        Duration stallLimit,
        Duration keepAlive) {

    private static final int KIB = 1024;

    /** Reads them. */
    public static DeliverySettings read(SettingsReader settings) {
        return new DeliverySettings(
                settings.address("delivery.address", "127.0.0.1:9090"),
                Optional.of(
                                settings.text(
                                        "delivery.unix-socket",
                                        "",
                                        path ->
                                                path.isEmpty()
                                                        || (path.startsWith("/")
                                                                && path.length() <= 100),
                                        "an absolute path of at most 100 characters, or empty"))
                        .filter(path -> !path.isEmpty())
                        .map(Path::of),
                TlsFiles.read(settings, "delivery.tls", false),
                TokenFile.setting(settings, "delivery.token-file"),
                settings.duration(
                        "delivery.interval",
                        Duration.ofMillis(5),
                        Duration.ofMillis(1),
                        Duration.ofMillis(50)),
                settings.integer("delivery.threads", 2, 1, 64),
                settings.integer("delivery.max-subscriptions", 1_000, 1, 100_000),
                settings.integer("delivery.max-subscriptions-per-stream", 500, 1, 100_000),
                settings.integer("delivery.max-connections-per-address", 250, 1, 100_000),
                (int) settings.bytes("delivery.queue", 128 * KIB, 32 * KIB, 4096 * KIB),
                settings.duration(
                        "delivery.stall-limit",
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(1),
                        Duration.ofHours(1)),
                settings.duration(
                        "delivery.keep-alive",
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(10),
                        Duration.ofMinutes(10)));
    }
}
