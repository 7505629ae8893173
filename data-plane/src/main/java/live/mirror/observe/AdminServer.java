package live.mirror.observe;

import io.helidon.health.HealthCheck;
import io.helidon.health.HealthCheckResponse;
import io.helidon.health.HealthCheckType;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.observe.ObserveFeature;
import io.helidon.webserver.observe.health.HealthObserver;
import io.helidon.webserver.observe.metrics.MetricsObserver;

import live.mirror.settings.HostPort;

import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Serves {@code /metrics}, {@code /health/live} and {@code /health/ready} over HTTP, and what it is
 * given besides. For operators and the control plane, not for the public.
 */
public final class AdminServer implements AutoCloseable {

    private final WebServer server;

    /**
     * Whether the worker takes new work.
     *
     * @param ready whether it does
     * @param detail one sentence for people
     */
    public record Readiness(boolean ready, String detail) {}

    /**
     * Starts to listen.
     *
     * @param listen {@code worker.admin}
     * @param more adds further routes
     * @throws live.mirror.settings.SettingsException when it can't listen there
     */
    public AdminServer(
            HostPort listen, Supplier<Readiness> readiness, Consumer<HttpRouting.Builder> more) {
        listen.requireFree("worker.admin");
        HealthObserver health =
                HealthObserver.builder()
                        .endpoint("/health")
                        .details(true)
                        .useSystemServices(false)
                        .addCheck(
                                check(
                                        "process",
                                        HealthCheckType.LIVENESS,
                                        () -> new Readiness(true, "running")))
                        .addCheck(check("admission", HealthCheckType.READINESS, readiness))
                        .build();
        server =
                WebServer.builder()
                        .host(listen.host())
                        .port(listen.port())
                        .shutdownHook(false)
                        .shutdownGracePeriod(Duration.ofMillis(100))
                        .routing(more)
                        .addFeature(
                                ObserveFeature.builder()
                                        .observersDiscoverServices(false)
                                        .addObserver(health)
                                        .addObserver(
                                                MetricsObserver.builder()
                                                        .endpoint("/metrics")
                                                        .build())
                                        .build())
                        .build()
                        .start();
    }

    /** The port that it listens on. */
    public int port() {
        return server.port();
    }

    @Override
    public void close() {
        server.stop();
    }

    private static HealthCheck check(String name, HealthCheckType type, Supplier<Readiness> state) {
        return new HealthCheck() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public HealthCheckType type() {
                return type;
            }

            @Override
            public HealthCheckResponse call() {
                Readiness now = state.get();
                return HealthCheckResponse.builder()
                        .status(now.ready())
                        .detail("detail", now.detail())
                        .build();
            }
        };
    }
}
