package live.mirror.bench;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLinkServiceGrpc;
import live.mirror.v1.WorkerLoad;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A worker as far as the control plane can see, with a connection of its own and no media. */
final class BenchWorker {

    private static final AtomicLong REQUESTS = new AtomicLong();
    private static final EventLoopGroup LOOPS =
            new MultiThreadIoEventLoopGroup(
                    1, new DefaultThreadFactory("bench-io", true), NioIoHandler.newFactory());

    private final String id;
    private final int linkPort;
    private final long incarnation = ThreadLocalRandom.current().nextLong();
    private final Map<String, Long> held = new ConcurrentHashMap<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile ManagedChannel channel;
    private volatile long epoch;
    private long bytes;

    BenchWorker(String id, int linkPort) {
        this.id = id;
        this.linkPort = linkPort;
        this.channel = connect();
    }

    String id() {
        return id;
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", linkPort)
                .usePlaintext()
                .eventLoopGroup(LOOPS)
                .channelType(NioSocketChannel.class)
                .directExecutor()
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    private WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub() {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(30, TimeUnit.SECONDS);
    }

    /** Registers with all that it holds and listens for commands. */
    void register() {
        RegisterRequest.Builder request =
                RegisterRequest.newBuilder()
                        .setWorkerId(id)
                        .setIncarnation(incarnation)
                        .setWorkerEpoch(epoch)
                        .setVersion("bench")
                        .setAddresses(
                                WorkerAddresses.newBuilder()
                                        .setSrt(id + ".bench:30000")
                                        .setDelivery(id + ".bench:9090"))
                        .setCapacity(WorkerCapacity.newBuilder().setStreams(1_000));
        held.forEach((stream, fence) ->
                request.addHeldStreams(
                        HeldStream.newBuilder()
                                .setStreamId(stream)
                                .setEpoch(fence)
                                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                .setProtocol(Protocol.PROTOCOL_SRT)
                                .setReservedKbps(10_000)
                                .setSource("192.0.2.1:5000")));
        RegisterResponse registered = stub().register(request.build());
        if (registered.getFencedStreamsCount() > 0) {
            throw new IllegalStateException(id + " lost " + registered.getFencedStreams(0));
        }
        epoch = registered.getWorkerEpoch();
        WorkerLinkServiceGrpc.newStub(channel)
                .commands(
                        CommandsRequest.newBuilder().setWorkerId(id).setWorkerEpoch(epoch).build(),
                        new Ignored());
    }

    /** Drops its connection and registers again, as after the death of a control plane. */
    void reconnect() {
        channel.shutdownNow();
        channel = connect();
        while (true) {
            try {
                register();
                return;
            } catch (StatusRuntimeException e) {
                // Overloaded: asked again, with jitter, as a worker does.
                pause(ThreadLocalRandom.current().nextLong(50, 500));
            }
        }
    }

    /** Claims a stream; answers how many nanoseconds that took. */
    long claim(String stream) {
        ClaimRequest claim =
                ClaimRequest.newBuilder()
                        .setRequestId("r" + REQUESTS.incrementAndGet())
                        .setWorkerId(id)
                        .setWorkerEpoch(epoch)
                        .setStreamId(stream)
                        .setProtocol(Protocol.PROTOCOL_SRT)
                        .setSource("192.0.2.1:5000")
                        .build();
        long startNs = System.nanoTime();
        ClaimResponse response = stub().claim(claim);
        if (!response.hasAdmitted()) {
            throw new IllegalStateException(stream + ": " + response.getRejected());
        }
        held.put(stream, response.getAdmitted().getEpoch());
        return System.nanoTime() - startNs;
    }

    /** Reports each second, at a moment of its own. */
    void reportUntilClosed() {
        pause(ThreadLocalRandom.current().nextLong(1_000));
        while (!pause(1_000)) {
            try {
                var answer = stub().report(report());
                answer.getFencedStreamsList()
                        .forEach(fenced -> System.err.println(id + " was told " + fenced));
            } catch (StatusRuntimeException e) {
                // Between two control planes; reconnect() is on its way.
                pause(100);
            }
        }
    }

    private ReportRequest report() {
        bytes += 1_250_000;
        ReportRequest.Builder report =
                ReportRequest.newBuilder()
                        .setWorkerId(id)
                        .setWorkerEpoch(epoch)
                        .setLoad(WorkerLoad.newBuilder().setStreams(held.size()).setCpuCores(0.5));
        held.forEach((stream, fence) ->
                report.addStreams(
                        StreamReport.newBuilder()
                                .setStreamId(stream)
                                .setEpoch(fence)
                                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                .setStats(
                                        StreamStats.newBuilder()
                                                .setBytes(bytes)
                                                .setPackets(bytes / 1_316)
                                                .setBitrateBps(9_900_000 + bytes % 199_999)
                                                .setRttMs(20.5)
                                                .setSubscriptions(2))
                                .setMetadata(
                                        StreamMetadata.newBuilder()
                                                .setSource("192.0.2.1:5000")
                                                .setPublisher("SRT version 1.5.1")
                                                .setLatencyMs(120)
                                                .setContainer("mpegts"))));
        return report.build();
    }

    /** Whether the worker was closed meanwhile. */
    private boolean pause(long ms) {
        try {
            return closed.await(ms, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    void close() {
        closed.countDown();
        channel.shutdownNow();
    }

    private static final class Ignored implements StreamObserver<CommandsResponse> {
        @Override
        public void onNext(CommandsResponse command) {}

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
