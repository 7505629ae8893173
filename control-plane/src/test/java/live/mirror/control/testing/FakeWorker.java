package live.mirror.control.testing;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.EndSession;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReleaseResponse;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.ReportResponse;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLinkServiceGrpc;

import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A worker as far as the control plane can see, without media. */
public final class FakeWorker implements AutoCloseable {

    private static final AtomicInteger REQUESTS = new AtomicInteger();

    private final ManagedChannel channel;
    private final String id;
    private final long incarnation;
    private final BlockingQueue<EndSession> ends = new LinkedBlockingQueue<>();
    private final BlockingQueue<CommandsResponse> commands = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> breaks = new LinkedBlockingQueue<>();
    private long epoch;
    private boolean drained;

    /** A worker at a control plane's link port. */
    public FakeWorker(int linkPort, String id, long incarnation) {
        this(linkPort, id, incarnation, InsecureChannelCredentials.create());
    }

    /** The same with a certificate. */
    public FakeWorker(int linkPort, String id, long incarnation, ChannelCredentials credentials) {
        this.channel = NettyChannelBuilder.forAddress("127.0.0.1", linkPort, credentials).build();
        this.id = id;
        this.incarnation = incarnation;
    }

    /** Registers with room for this many streams. */
    public RegisterResponse register(int streams, HeldStream... held) {
        return register(WorkerCapacity.newBuilder().setStreams(streams).build(), held);
    }

    /** From now on it says at each registration that an operator drains it. */
    public void drained() {
        drained = true;
    }

    /** Registers with this capacity. */
    public RegisterResponse register(WorkerCapacity capacity, HeldStream... held) {
        RegisterResponse response =
                stub().register(
                                RegisterRequest.newBuilder()
                                        .setWorkerId(id)
                                        .setIncarnation(incarnation)
                                        .setWorkerEpoch(epoch)
                                        .setVersion("test")
                                        .setDrained(drained)
                                        .setAddresses(
                                                WorkerAddresses.newBuilder()
                                                        .setDelivery(id + ".test:9090")
                                                        .setSrt(id + ".test:30000"))
                                        .setCapacity(capacity)
                                        .addAllHeldStreams(List.of(held))
                                        .build());
        epoch = response.getWorkerEpoch();
        return response;
    }

    /** Asks for a stream. */
    public ClaimResponse claim(String stream) {
        return claim(stream, "request-" + REQUESTS.incrementAndGet());
    }

    /** Asks for a stream, with a request id. */
    public ClaimResponse claim(String stream, String request) {
        return claim(request(stream).setRequestId(request));
    }

    /** Asks for a stream in detail. */
    public ClaimResponse claim(ClaimRequest.Builder request) {
        return stub().claim(request.build());
    }

    /**
     * Whether it is given a stream now, with a fence above this one. A registry that lost data
     * takes nobody for a third of a lease.
     */
    public boolean admits(String stream, long fence) {
        try {
            return claim(stream).getAdmitted().getEpoch() > fence;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** A claim of this worker, to be completed. */
    public ClaimRequest.Builder request(String stream) {
        return ClaimRequest.newBuilder()
                .setRequestId("request-" + REQUESTS.incrementAndGet())
                .setWorkerId(id)
                .setWorkerEpoch(epoch)
                .setStreamId(stream)
                .setProtocol(Protocol.PROTOCOL_SRT)
                .setSource("192.0.2.1:5000");
    }

    /** Tells that a session ended. */
    public ReleaseResponse release(String stream, long streamEpoch, Reason reason) {
        return stub().release(
                        ReleaseRequest.newBuilder()
                                .setRequestId("release-" + REQUESTS.incrementAndGet())
                                .setWorkerId(id)
                                .setWorkerEpoch(epoch)
                                .setStreamId(stream)
                                .setEpoch(streamEpoch)
                                .setReason(reason)
                                .build());
    }

    /** Reports these streams. */
    public ReportResponse report(StreamReport... streams) {
        return report(ReportRequest.newBuilder().addAllStreams(List.of(streams)));
    }

    /** Reports in detail. */
    public ReportResponse report(ReportRequest.Builder report) {
        return stub().report(report.setWorkerId(id).setWorkerEpoch(epoch).build());
    }

    /** One stream's second. */
    public static StreamReport active(String stream, long streamEpoch, long bytes) {
        return StreamReport.newBuilder()
                .setStreamId(stream)
                .setEpoch(streamEpoch)
                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                .setStats(StreamStats.newBuilder().setBytes(bytes))
                .build();
    }

    /** A stream as a worker tells of it when it registers. */
    public static HeldStream held(String stream, long streamEpoch) {
        return HeldStream.newBuilder()
                .setStreamId(stream)
                .setEpoch(streamEpoch)
                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                .setProtocol(Protocol.PROTOCOL_SRT)
                .setReservedKbps(10_000)
                .setSource("192.0.2.1:5000")
                .build();
    }

    /** Listens for commands; returns once the control plane has answered. */
    public void listen() throws InterruptedException {
        BlockingQueue<String> connected = new LinkedBlockingQueue<>();
        WorkerLinkServiceGrpc.newStub(channel)
                .commands(
                        CommandsRequest.newBuilder().setWorkerId(id).setWorkerEpoch(epoch).build(),
                        new StreamObserver<>() {
                            @Override
                            public void onNext(CommandsResponse command) {
                                connected.add("");
                                if (command.hasEndSession()) {
                                    ends.add(command.getEndSession());
                                } else if (!command.hasHeartbeat()) {
                                    commands.add(command);
                                }
                            }

                            @Override
                            public void onError(Throwable error) {
                                breaks.add(error.toString());
                            }

                            @Override
                            public void onCompleted() {
                                breaks.add("completed");
                            }
                        });
        if (connected.poll(5, TimeUnit.SECONDS) == null) {
            throw new IllegalStateException("no heartbeat");
        }
    }

    /** The next session to be ended; fails after 5 s. */
    public EndSession nextEnd() throws InterruptedException {
        EndSession end = ends.poll(5, TimeUnit.SECONDS);
        if (end == null) {
            throw new IllegalStateException("no command came");
        }
        return end;
    }

    /** The next command that is neither an end nor a heartbeat; fails after 5 s. */
    public CommandsResponse nextCommand() throws InterruptedException {
        CommandsResponse command = commands.poll(5, TimeUnit.SECONDS);
        if (command == null) {
            throw new IllegalStateException("no command came");
        }
        return command;
    }

    /** Why the commands ended; fails after 5 s. */
    public String nextBreak() throws InterruptedException {
        String why = breaks.poll(5, TimeUnit.SECONDS);
        if (why == null) {
            throw new IllegalStateException("the commands did not end");
        }
        return why;
    }

    /** The worker's number. */
    public long epoch() {
        return epoch;
    }

    private WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub() {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(5, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
