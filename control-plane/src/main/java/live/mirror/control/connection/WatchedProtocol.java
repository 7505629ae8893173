package live.mirror.control.connection;

import io.helidon.common.buffers.BufferData;
import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.http.HeaderValues;
import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.grpc.GrpcProtocolSelector;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1Connection;
import io.helidon.webserver.http1.Http1ConnectionListener;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.http2.Http2ConnectionSelector;
import io.helidon.webserver.spi.ServerConnection;
import io.helidon.webserver.spi.ServerConnectionSelector;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * A protocol of Helidon's, served so that its connections are watched.
 *
 * @param selector Helidon's own
 * @param connections where they are found
 * @param watch makes what is served, and says what it waits for
 */
record WatchedProtocol(
        ServerConnectionSelector selector,
        Connections connections,
        Function<WatchedContext, ServerConnection> watch)
        implements ServerConnectionSelector {

    /** HTTP/1.1, without an upgrade to HTTP/2, which RFC 9113 has given up. */
    static WatchedProtocol http1(Connections connections, Http1Config.Builder config) {
        ServerConnectionSelector selector =
                Http1ConnectionSelector.builder()
                        .config(
                                config.addReceiveListener(new Requests())
                                        .addSendListener(new Answers())
                                        .build())
                        .build();
        return new WatchedProtocol(
                selector,
                connections,
                context -> {
                    Http1Connection served = (Http1Connection) selector.connection(context);
                    context.connection()
                            .serve(
                                    new Http1Progress(
                                            context.connection().acceptedNs(),
                                            served,
                                            context.dataReader()));
                    return served;
                });
    }

    /** HTTP/2, and gRPC over it. */
    static WatchedProtocol http2(Connections connections, Http2Config config, GrpcConfig grpc) {
        ServerConnectionSelector selector =
                Http2ConnectionSelector.builder()
                        .http2Config(config)
                        .addSubProtocolSelector(GrpcProtocolSelector.create(grpc))
                        .build();
        return new WatchedProtocol(
                selector,
                connections,
                context -> {
                    context.connection()
                            .serve(new Http2Progress(context.connection().acceptedNs()));
                    return selector.connection(context);
                });
    }

    @Override
    public int bytesToIdentifyConnection() {
        return selector.bytesToIdentifyConnection();
    }

    @Override
    public Support supports(BufferData data) {
        return selector.supports(data);
    }

    @Override
    public Set<String> supportedApplicationProtocols() {
        return selector.supportedApplicationProtocols();
    }

    @Override
    public ServerConnection connection(ConnectionContext context) {
        WatchedContext watched = new WatchedContext(context, connections.of(context));
        return new Watched(watch.apply(watched), watched);
    }

    /** Tells where a request begins. */
    private static final class Requests implements Http1ConnectionListener {
        @Override
        public void prologue(ConnectionContext context, HttpPrologue prologue) {
            progress(context).requestBegan(System.nanoTime());
        }

        @Override
        public void headers(ConnectionContext context, Headers headers) {
            progress(context).headersCame(headers.contains(HeaderValues.CONNECTION_CLOSE));
        }
    }

    /** Tells which answer is the last one. */
    private static final class Answers implements Http1ConnectionListener {
        @Override
        public void headers(ConnectionContext context, Headers headers) {
            progress(context).answerBegins(headers.contains(HeaderValues.CONNECTION_CLOSE));
        }
    }

    private static Http1Progress progress(ConnectionContext context) {
        if (context instanceof WatchedContext watched
                && watched.connection().progress() instanceof Http1Progress progress) {
            return progress;
        }
        throw new IllegalStateException("a connection by HTTP/1.1 that is not watched");
    }

    /** Helidon's connection; that it is idle or late is ours to tell. */
    private record Watched(ServerConnection served, WatchedContext context)
            implements ServerConnection, InterruptableTask<Void> {

        @Override
        public void handle(Limit limit) throws InterruptedException {
            try {
                served.handle(limit);
            } finally {
                context.connection().linger(context.isSecure());
            }
        }

        @Override
        public void run() {
            throw new IllegalStateException("handled, never run");
        }

        @Override
        public boolean canInterrupt() {
            return context.connection().isLingering()
                    || (served instanceof InterruptableTask<?> task && task.canInterrupt());
        }

        @Override
        public Duration idleTime() {
            return Duration.ZERO;
        }

        @Override
        public void close(boolean interrupt) {
            served.close(interrupt);
        }
    }

    /** What a listener offers, the one that is told by its first bytes before the other. */
    static List<ServerConnectionSelector> all(
            Connections connections,
            Http1Config.Builder http1,
            Http2Config http2,
            GrpcConfig grpc) {
        return List.of(http2(connections, http2, grpc), http1(connections, http1));
    }
}
