package live.mirror.delivery;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.EventExecutor;

import live.mirror.stream.LiveStreams;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC server that packagers subscribe at. Its event loops do all the work of delivery; start
 * and stop belong to the worker's main thread.
 */
public final class DeliveryServer implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(DeliveryServer.class.getName());

    /** A request is a stream id and a few numbers. */
    private static final int MAX_REQUEST_BYTES = 16 * 1024;

    /** Calls beyond those that may subscribe, so that a refusal is told and does not wait. */
    static final int CALLS_TO_REFUSE = 16;

    private static final Duration STALL_CHECK = Duration.ofSeconds(1);

    /** A connection on which nobody subscribes so long is closed. */
    private static final Duration IDLE_LIMIT = Duration.ofMinutes(1);

    private final DeliverySettings settings;
    private final DeliveryCounters counters = new DeliveryCounters();
    private final Access access;
    private final DeliveryLoops group;
    private final List<DeliveryLoop> loops = new ArrayList<>();
    private final List<Future<?>> stallChecks = new ArrayList<>();
    private final Server server;
    private final Optional<Server> unixServer;

    /**
     * Prepares the server.
     *
     * @param worker this worker's id, which subscribers are told
     */
    public DeliveryServer(DeliverySettings settings, String worker, LiveStreams streams) {
        this.settings = settings;
        access = new Access(settings, counters);
        boolean epoll = Epoll.isAvailable();
        group =
                new DeliveryLoops(
                        settings.threads(),
                        counters,
                        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
        for (EventExecutor executor : group) {
            DeliveryLoop loop = new DeliveryLoop((EventLoop) executor, settings.interval());
            loops.add(loop);
            stallChecks.add(
                    executor.scheduleAtFixedRate(
                            () -> loop.endStalled(System.nanoTime()),
                            STALL_CHECK.toMillis(),
                            STALL_CHECK.toMillis(),
                            TimeUnit.MILLISECONDS));
        }
        DeliveryService service = new DeliveryService(streams, this::currentLoop, terms(worker));
        server =
                server(
                        settings.address().toSocketAddress(),
                        access.credentials(),
                        epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class,
                        service);
        unixServer =
                settings.unixSocket()
                        .map(path ->
                                epoll
                                        ? server(
                                                new DomainSocketAddress(path.toFile()),
                                                InsecureServerCredentials.create(),
                                                EpollServerDomainSocketChannel.class,
                                                service)
                                        : server(
                                                UnixDomainSocketAddress.of(path),
                                                InsecureServerCredentials.create(),
                                                NioServerDomainSocketChannel.class,
                                                service));
    }

    private Server server(
            SocketAddress address,
            ServerCredentials credentials,
            Class<? extends ServerChannel> channel,
            DeliveryService service) {
        NettyServerBuilder builder = NettyServerBuilder.forAddress(address, credentials);
        access.guard(builder);
        return builder.bossEventLoopGroup(group)
                .workerEventLoopGroup(group)
                .channelType(channel)
                // Subscriptions run on their connection's event loop and never block it.
                .directExecutor()
                .maxInboundMessageSize(MAX_REQUEST_BYTES)
                .maxConcurrentCallsPerConnection(settings.maxSubscriptions() + CALLS_TO_REFUSE)
                .maxConnectionIdle(IDLE_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(settings.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(settings.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(5, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .addStreamTracerFactory(new CallEnds(counters))
                .addTransportFilter(new ConnectionLimit(settings.maxConnectionsPerAddress()))
                .addService(service)
                .build();
    }

    /**
     * Binds and serves.
     *
     * @throws live.mirror.settings.SettingsException when it can't listen there
     */
    public void start() throws IOException {
        access.warn();
        settings.address().requireFree("delivery.address");
        server.start();
        if (unixServer.isPresent()) {
            Path path = settings.unixSocket().orElseThrow();
            removeSocket(path);
            unixServer.get().start();
            // Whoever may connect can subscribe to everything: the worker's user and group.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw----"));
        }
    }

    /** The port it listens on, for which 0 may have been set. */
    public int port() {
        return server.getPort();
    }

    /** What has been delivered. */
    public DeliveryCounters counters() {
        return counters;
    }

    /** Tells every subscriber that the worker stops, and ends within about a second. */
    @Override
    public void close() {
        server.shutdown();
        unixServer.ifPresent(Server::shutdown);
        loops.forEach(loop -> loop.execute(loop::endAll));
        terminate(server);
        unixServer.ifPresent(DeliveryServer::terminate);
        try {
            if (unixServer.isPresent()) {
                removeSocket(settings.unixSocket().orElseThrow());
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "the delivery socket stays: {0}", e.toString());
        }
        access.close();
        stallChecks.forEach(check -> check.cancel(false));
        group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(500);
    }

    private static void terminate(Server one) {
        try {
            if (!one.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                one.shutdownNow();
                one.awaitTermination(500, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            one.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** What an earlier process left behind stands in the way; anything but a socket is not ours. */
    private static void removeSocket(Path path) throws IOException {
        if (Files.exists(path, LinkOption.NOFOLLOW_LINKS)
                && Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .isOther()) {
            Files.delete(path);
        }
    }

    private DeliveryService.Terms terms(String worker) {
        return new DeliveryService.Terms(
                worker,
                settings.maxSubscriptions(),
                settings.maxSubscriptionsPerStream(),
                settings.maxConnectionsPerAddress(),
                settings.queueBytes(),
                settings.stallLimit(),
                counters);
    }

    private DeliveryLoop currentLoop() {
        return loops.stream()
                .filter(DeliveryLoop::isCurrent)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalStateException(
                                Thread.currentThread() + " is no event loop of delivery"));
    }
}
