package live.mirror.control;

import io.grpc.BindableService;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.health.HealthCheck;
import io.helidon.webserver.ListenerConfig;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.grpc.GrpcRouting;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.metrics.MetricsObserver;

import live.mirror.control.api.Problems;
import live.mirror.control.connection.ConnectionCounters;
import live.mirror.control.connection.ConnectionLimits;
import live.mirror.control.connection.Connections;
import live.mirror.control.grpc.GrpcGuard;
import live.mirror.control.grpc.PeerGuard;
import live.mirror.settings.FileRenewal;
import live.mirror.settings.HostPort;
import live.mirror.settings.TlsFiles;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The three listeners. What Helidon 4.4.0's gRPC server gets wrong by default is switched off here
 * or caught by the {@link GrpcGuard}.
 */
final class Listeners implements AutoCloseable {

    private static final String LINK = "link";
    private static final String ADMIN = "admin";

    /** A report of 1,000 streams is about 200 KB; larger requests hang until their deadline. */
    private static final int MAX_GRPC_REQUEST = 4 << 20;

    /** A definition with the longest SDP that one may have, and each of its characters escaped. */
    private static final long MAX_HTTP_BODY = 512 << 10;

    /**
     * Calls at a time on a worker's connection: its commands, a report, a release and 16 claims,
     * with room to spare, since Helidon 4.4.0 ends a connection whose client is at the limit. It
     * forgets calls that have ended only when so many are there, and each takes 1 KB: with 256
     * those of 1,000 workers filled the heap.
     */
    private static final int LINK_CALLS = 48;

    /**
     * Calls at a time on a public connection. One that has done as many keeps 95 KB, so that all of
     * server.max-connections keep 97 MB, and a proxy's or a packager's calls still find room.
     */
    private static final int PUBLIC_CALLS = 64;

    private final GrpcGuard guard = new GrpcGuard();
    private final ServerSettings settings;
    private final WebServer server;
    private final List<FileRenewal> renewals = new ArrayList<>();
    private final List<Connections> connections = new ArrayList<>();
    private final ConnectionCounters counters;

    Listeners(
            ServerSettings settings,
            ConnectionCounters counters,
            Consumer<HttpRouting.Builder> http,
            List<BindableService> publicServices,
            List<BindableService> linkServices,
            List<HealthCheck> checks) {
        this.settings = settings;
        this.counters = counters;
        HttpRouting.Builder routing = HttpRouting.builder();
        http.accept(routing);
        ListenerConfig.Builder linkListener = ListenerConfig.builder();
        // A fleet may come from one address, and shows certificates.
        listen(linkListener, LINK, settings.link(), limits(8_192, 8_192), LINK_CALLS)
                .routing(HttpRouting.builder())
                .addRouting(grpc(linkServices, settings.linkTls().isPresent()));
        settings.linkTls().ifPresent(files -> linkListener.tls(tls(files)));
        ListenerConfig.Builder adminListener = ListenerConfig.builder();
        listen(adminListener, ADMIN, settings.admin(), limits(256, 128), PUBLIC_CALLS)
                .routing(HttpRouting.builder());
        WebServerConfig.Builder builder =
                listen(
                        WebServer.builder(),
                        "http",
                        settings.http(),
                        limits(settings.maxConnections(), settings.maxConnectionsPerSource()),
                        PUBLIC_CALLS);
        settings.publicTls().ifPresent(files -> builder.tls(tls(files)));
        server =
                builder.shutdownHook(false)
                        .featuresDiscoverServices(false)
                        .routing(routing)
                        .addRouting(grpc(publicServices, false))
                        .putSocket(LINK, linkListener.build())
                        .putSocket(ADMIN, adminListener.build())
                        .addFeature(observation(checks))
                        .build();
    }

    private ConnectionLimits limits(int max, int maxPerSource) {
        return new ConnectionLimits(
                max, maxPerSource, settings.requestTimeout(), settings.idleTimeout());
    }

    private <B extends ListenerConfig.BuilderBase<B, ?>> B listen(
            B builder, String name, HostPort address, ConnectionLimits limits, int calls) {
        Connections own = new Connections(name, limits, counters);
        connections.add(own);
        return builder.host(address.host())
                .port(address.port())
                // Bounded by our own, which also bounds handshakes and what peers keep waiting.
                .maxTcpConnections(-1)
                .connectionOptions(own.options())
                .connectionSelectors(own.protocols(http1(), http2(calls), grpc()))
                .maxPayloadSize(MAX_HTTP_BODY)
                .directHandlers(Problems.direct().build())
                .shutdownGracePeriod(Duration.ofMillis(200))
                .protocolsDiscoverServices(false);
    }

    private static Http1Config.Builder http1() {
        return Http1Config.builder().maxHeadersSize(8_192);
    }

    private static Http2Config http2(int calls) {
        return Http2Config.builder()
                .maxConcurrentStreams(calls)
                // gRPC streams always count as never answered.
                .maxRapidResets(-1)
                // A reader that takes nothing is hung up after that.
                .flowControlTimeout(Duration.ofSeconds(5))
                .build();
    }

    private static GrpcConfig grpc() {
        return GrpcConfig.builder()
                // Would compress every answer.
                .enableCompression(false)
                .enableMetrics(false)
                .maxReadBufferSize(MAX_GRPC_REQUEST)
                .build();
    }

    private static Tls tls(TlsFiles files) {
        boolean mutual = files.trust().isPresent();
        return Tls.builder()
                .privateKey(files.privateKey())
                .privateKeyCertChain(files.chain())
                // Where nobody is asked for a certificate nobody has to be trusted, but Helidon
                // 4.4.0 can't renew a certificate then.
                .trust(mutual ? files.authorities() : files.chain())
                .clientAuth(mutual ? TlsClientAuth.REQUIRED : TlsClientAuth.NONE)
                .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
                .build();
    }

    private GrpcRouting.Builder grpc(List<BindableService> services, boolean peersAreNamed) {
        // Interceptors count only for services that are added after them.
        GrpcRouting.Builder routing = GrpcRouting.builder().intercept(guard);
        if (peersAreNamed) {
            routing.intercept(new PeerGuard());
        }
        services.forEach(routing::service);
        return routing;
    }

    private static ObserveFeature observation(List<HealthCheck> checks) {
        return ObserveFeature.builder()
                .observersDiscoverServices(false)
                .sockets(List.of(ADMIN))
                .addObserver(
                        HealthObserver.builder()
                                .endpoint("/health")
                                .details(true)
                                .useSystemServices(false)
                                .addHealthChecks(checks)
                                .build())
                .addObserver(MetricsObserver.builder().endpoint("/metrics").build())
                .build();
    }

    /**
     * Listens from now on.
     *
     * @throws live.mirror.settings.SettingsException when it can't, with the setting's name
     */
    void start() {
        settings.http().requireFree("server.http");
        settings.link().requireFree("server.link");
        settings.admin().requireFree("server.admin");
        server.start();
        settings.linkTls().ifPresent(files -> reload(files, LINK));
        settings.publicTls().ifPresent(files -> reload(files, WebServer.DEFAULT_SOCKET_NAME));
    }

    private void reload(TlsFiles files, String socket) {
        renewals.add(new FileRenewal(files.all(), () -> server.reloadTls(socket, tls(files))));
    }

    int httpPort() {
        return server.port();
    }

    int linkPort() {
        return server.port(LINK);
    }

    int adminPort() {
        return server.port(ADMIN);
    }

    @Override
    public void close() {
        renewals.forEach(FileRenewal::close);
        server.stop();
        connections.forEach(Connections::close);
        guard.close();
    }
}
