package live.mirror.delivery;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;

import live.mirror.stream.LiveStreams;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * The gRPC server that packagers subscribe at. Its event loops do all the work of delivery; start
 * and stop belong to the worker's main thread.
 */
public final class DeliveryServer implements AutoCloseable {

    /** A request is a stream id and a few numbers. */
    private static final int MAX_REQUEST_BYTES = 16 * 1024;

    private static final Duration STALL_CHECK = Duration.ofSeconds(1);

    private final DeliverySettings settings;
    private final DeliveryCounters counters = new DeliveryCounters();
    private final EventLoopGroup group;
    private final List<DeliveryLoop> loops = new ArrayList<>();
    private final List<Future<?>> stallChecks = new ArrayList<>();
    private final Server server;

    /**
     * Prepares the server.
     *
     * @param worker this worker's id, which subscribers are told
     */
    public DeliveryServer(DeliverySettings settings, String worker, LiveStreams streams) {
        this.settings = settings;
        boolean epoll = Epoll.isAvailable();
        IoHandlerFactory handlers = epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
        Class<? extends ServerChannel> channel =
                epoll ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
        group =
                new MultiThreadIoEventLoopGroup(
                        settings.threads(), new DefaultThreadFactory("delivery", true), handlers);
        for (EventExecutor executor : group) {
            DeliveryLoop loop = new DeliveryLoop((EventLoop) executor);
            loops.add(loop);
            stallChecks.add(
                    executor.scheduleAtFixedRate(
                            () -> loop.endStalled(System.nanoTime()),
                            STALL_CHECK.toMillis(),
                            STALL_CHECK.toMillis(),
                            TimeUnit.MILLISECONDS));
        }
        server =
                NettyServerBuilder.forAddress(
                                settings.address().toSocketAddress(),
                                InsecureServerCredentials.create())
                        .bossEventLoopGroup(group)
                        .workerEventLoopGroup(group)
                        .channelType(channel)
                        // Subscriptions run on their connection's event loop and never block it.
                        .directExecutor()
                        .maxInboundMessageSize(MAX_REQUEST_BYTES)
                        .keepAliveTime(settings.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                        .keepAliveTimeout(settings.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                        .permitKeepAliveTime(5, TimeUnit.SECONDS)
                        .permitKeepAliveWithoutCalls(true)
                        .addService(new DeliveryService(streams, this::currentLoop, terms(worker)))
                        .build();
    }

    /** Binds and serves. */
    public void start() throws IOException {
        server.start();
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
        loops.forEach(loop -> loop.execute(loop::endAll));
        try {
            if (!server.awaitTermination(500, TimeUnit.MILLISECONDS)) {
                server.shutdownNow();
                server.awaitTermination(500, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException _) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        stallChecks.forEach(check -> check.cancel(false));
        group.shutdownGracefully(0, 500, TimeUnit.MILLISECONDS).awaitUninterruptibly(500);
    }

    private DeliveryService.Terms terms(String worker) {
        return new DeliveryService.Terms(
                worker,
                settings.maxSubscriptions(),
                settings.maxSubscriptionsPerStream(),
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
