package live.mirror.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.WorkerLinkServiceGrpc;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A connection of one fake worker, with its stream of commands. Deadlines and limits are those of
 * the data plane's {@code LinkSession}; all connections share one event loop.
 */
final class BenchSession implements AutoCloseable {

    private static final long CALL_LIMIT_MS = 2_000;
    private static final long HEARTBEAT_LIMIT_NS = 2_500_000_000L;
    private static final String REPORT_NOW = "";
    private static final EventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("bench-io", true), NioIoHandler.newFactory());

    private final ManagedChannel channel;
    private final BlockingQueue<String> wake = new ArrayBlockingQueue<>(8);
    private volatile long lastHeartbeatNs = System.nanoTime();

    BenchSession(int linkPort) {
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", linkPort)
                        .usePlaintext()
                        .eventLoopGroup(LOOPS)
                        .channelType(NioSocketChannel.class)
                        .directExecutor()
                        .keepAliveTime(10, TimeUnit.SECONDS)
                        .keepAliveTimeout(2, TimeUnit.SECONDS)
                        .maxInboundMessageSize(64 << 20)
                        .disableRetry()
                        .build();
    }

    WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub() {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    WorkerLinkServiceGrpc.WorkerLinkServiceStub async() {
        return WorkerLinkServiceGrpc.newStub(channel)
                .withDeadlineAfter(CALL_LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    /** Opens the stream of commands; from then on heartbeats have to come. */
    void listen(String worker, long workerEpoch) {
        lastHeartbeatNs = System.nanoTime();
        WorkerLinkServiceGrpc.newStub(channel)
                .commands(
                        CommandsRequest.newBuilder()
                                .setWorkerId(worker)
                                .setWorkerEpoch(workerEpoch)
                                .build(),
                        new Commands());
    }

    /** Waits until the next report is due; answers why there is none, or nothing. */
    String awaitNextReport(long intervalMs) throws InterruptedException {
        String why = wake.poll(intervalMs, TimeUnit.MILLISECONDS);
        if (why != null && !why.equals(REPORT_NOW)) {
            return why;
        }
        return System.nanoTime() - lastHeartbeatNs > HEARTBEAT_LIMIT_NS ? "no heartbeat" : "";
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    /** On the event loop. A full queue has a reason to wake in it already. */
    private final class Commands implements StreamObserver<CommandsResponse> {

        @Override
        public void onNext(CommandsResponse command) {
            lastHeartbeatNs = System.nanoTime();
            switch (command.getCommandCase()) {
                case DEFINITIONS_CHANGED, PULLS_CHANGED -> wake.offer(REPORT_NOW);
                default -> {}
            }
        }

        @Override
        public void onError(Throwable error) {
            wake.offer("commands ended: " + error.getMessage());
        }

        @Override
        public void onCompleted() {
            wake.offer("commands ended by the control plane");
        }
    }
}
