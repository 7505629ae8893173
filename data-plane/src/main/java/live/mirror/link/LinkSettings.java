package live.mirror.link;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;
import live.mirror.settings.TlsFiles;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How the worker reaches the control plane.
 *
 * @param controlPlanes the replicas' internal listeners; {@code link.control-plane}, host:port,
 *     several parted by commas, default 127.0.0.1:8081
 * @param callTimeout deadline of every call; {@code link.call-timeout}, 100 ms to 10 s, default 2 s
 * @param retryMax longest pause between two attempts to connect; {@code link.retry-max}, 100 ms to
 *     30 s, default 1 s
 * @param tls {@code link.tls.certificate}, {@code link.tls.key} and {@code link.tls.trust}: the
 *     worker's certificate, which names it as {@code spiffe://mirror/worker/<id>}, and the
 *     authorities of the control plane's; empty speaks in clear
 */
public record LinkSettings(
        List<HostPort> controlPlanes,
        Duration callTimeout,
        Duration retryMax,
        Optional<TlsFiles> tls) {

    /** Reads the settings below {@code link}. */
    public static LinkSettings read(SettingsReader settings) {
        return new LinkSettings(
                settings.addresses("link.control-plane", "127.0.0.1:8081"),
                settings.duration(
                        "link.call-timeout",
                        Duration.ofSeconds(2),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(10)),
                settings.duration(
                        "link.retry-max",
                        Duration.ofSeconds(1),
                        Duration.ofMillis(100),
                        Duration.ofSeconds(30)),
                TlsFiles.read(settings, "link.tls", true));
    }
}
