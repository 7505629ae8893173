package live.mirror.control;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;
import live.mirror.settings.TlsFiles;

import java.time.Duration;
import java.util.Optional;

/**
 * Where the control plane listens, and with which certificates.
 *
 * @param http HTTP API and public gRPC
 * @param link workers and other replicas; internal
 * @param admin metrics and health
 * @param advertisedHost under which other replicas reach the link's listener; empty: its own host
 * @param publicTls of the public listener; empty speaks in clear
 * @param linkTls of the internal one, where both ends show a certificate; empty speaks in clear
 * @param linkInClear whether the link may be in clear where others than this machine reach it
 * @param requestTimeout within which a peer has to send a whole request
 * @param idleTimeout how long a connection may stay without a request
 * @param maxConnections of the public listener
 * @param maxConnectionsPerSource of these, from one address
 */
record ServerSettings(
        HostPort http,
        HostPort link,
        HostPort admin,
        String advertisedHost,
        Optional<TlsFiles> publicTls,
        Optional<TlsFiles> linkTls,
        boolean linkInClear,
        Duration requestTimeout,
        Duration idleTimeout,
        int maxConnections,
        int maxConnectionsPerSource) {

    static ServerSettings read(SettingsReader settings) {
        ServerSettings read =
                new ServerSettings(
                        settings.address("server.http", "127.0.0.1:8080"),
                        settings.address("server.link", "127.0.0.1:8081"),
                        settings.address("server.admin", "127.0.0.1:8082"),
                        settings.text(
                                "server.advertised-host",
                                "",
                                text -> text.matches("[A-Za-z0-9.:\\[\\]_-]{0,253}"),
                                "empty, a host name or an address"),
                        TlsFiles.read(settings, "tls.public", false),
                        TlsFiles.read(settings, "tls.link", true),
                        settings.flag("server.link-in-clear", false),
                        settings.duration(
                                "server.request-timeout",
                                Duration.ofSeconds(10),
                                Duration.ofMillis(200),
                                Duration.ofMinutes(5)),
                        settings.duration(
                                "server.idle-timeout",
                                Duration.ofMinutes(5),
                                Duration.ofSeconds(1),
                                Duration.ofDays(1)),
                        settings.integer("server.max-connections", 1_024, 1, 100_000),
                        settings.integer("server.max-connections-per-source", 512, 1, 100_000));
        if (!read.link.isLoopback() && read.linkTls.isEmpty() && !read.linkInClear) {
            settings.problem(
                    "server.link",
                    read.link.toString(),
                    "on loopback, or have tls.link.certificate, tls.link.key and tls.link.trust:"
                        + " whoever reaches the link can be a worker, and is told every publish key"
                        + " and passphrase. server.link-in-clear=true takes that risk, for a"
                        + " network that nobody else is in");
        }
        if (read.link.isWildcard() && read.advertisedHost.isEmpty()) {
            settings.problem(
                    "server.advertised-host",
                    "",
                    "a name or an address where server.link is " + read.link.host());
        }
        return read;
    }

    /** Where other replicas reach this one. */
    HostPort advertisedLink(int port) {
        return new HostPort(advertisedHost.isEmpty() ? link.host() : advertisedHost, port);
    }
}
