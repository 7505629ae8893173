package live.mirror.link;

import com.google.protobuf.util.Timestamps;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.FencedStream;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Refusal;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReleaseResponse;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.ReportResponse;
import live.mirror.v1.StreamReport;
import live.mirror.v1.WorkerLinkServiceGrpc;
import live.mirror.v1.WorkerLoad;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One registration, from connecting to the first sign that it is broken. */
final class LinkSession implements AutoCloseable {

    /** The control plane sends a heartbeat each second; two missing ones mean that it is gone. */
    private static final Duration HEARTBEAT_LIMIT = Duration.ofMillis(2_500);

    private final ManagedChannel channel;
    private final LinkSettings settings;
    private final WorkerIdentity identity;
    private final LiveStreams streams;
    private final Link link;
    private final RegisterResponse registered;
    private final BlockingQueue<String> broken = new ArrayBlockingQueue<>(1);
    private volatile long lastHeartbeatNs = System.nanoTime();

    private LinkSession(
            ManagedChannel channel,
            LinkSettings settings,
            WorkerIdentity identity,
            LiveStreams streams,
            Link link,
            RegisterResponse registered) {
        this.channel = channel;
        this.settings = settings;
        this.identity = identity;
        this.streams = streams;
        this.link = link;
        this.registered = registered;
    }

    /**
     * Connects and registers.
     *
     * @throws StatusRuntimeException when the control plane does not answer or refuses
     */
    static LinkSession connect(
            HostPort replica,
            LinkSettings settings,
            WorkerIdentity identity,
            LiveStreams streams,
            Link link) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(replica.host(), replica.port())
                        .usePlaintext()
                        .keepAliveTime(10, TimeUnit.SECONDS)
                        .keepAliveTimeout(2, TimeUnit.SECONDS)
                        .maxInboundMessageSize(16 << 20)
                        .disableRetry()
                        .build();
        try {
            RegisterResponse registered =
                    stub(channel, settings)
                            .register(
                                    RegisterRequest.newBuilder()
                                            .setWorkerId(identity.id())
                                            .setIncarnation(identity.incarnation())
                                            .setAddresses(identity.addresses())
                                            .setCapacity(identity.capacity())
                                            .setVersion(identity.version())
                                            .setDraining(link.isDraining())
                                            .addAllHeldStreams(
                                                    streams.all().stream()
                                                            .map(LinkSession::held)
                                                            .toList())
                                            .build());
            LinkSession session =
                    new LinkSession(channel, settings, identity, streams, link, registered);
            session.obey(registered.getFencedStreamsList());
            link.roomIs(registered.getRoom());
            link.definitions().take(registered.getDefinitions());
            if (registered.getDrained()) {
                link.drain();
            }
            return session;
        } catch (StatusRuntimeException e) {
            channel.shutdownNow();
            throw e;
        }
    }

    String workerId() {
        return identity.id();
    }

    long workerEpoch() {
        return registered.getWorkerEpoch();
    }

    /** Reports until something breaks; answers what. */
    String run(Supplier<WorkerLoad> load) throws InterruptedException {
        WorkerLinkServiceGrpc.newStub(channel)
                .commands(
                        CommandsRequest.newBuilder()
                                .setWorkerId(identity.id())
                                .setWorkerEpoch(workerEpoch())
                                .build(),
                        new Commands());
        long intervalMs = Math.max(100, registered.getReportIntervalMs());
        while (true) {
            String why = broken.poll(intervalMs, TimeUnit.MILLISECONDS);
            if (why != null) {
                return why;
            }
            if (System.nanoTime() - lastHeartbeatNs > HEARTBEAT_LIMIT.toNanos()) {
                return "no heartbeat for " + HEARTBEAT_LIMIT.toMillis() + " ms";
            }
            try {
                ReportResponse answer = stub(channel, settings).report(report(load.get()));
                link.roomIs(answer.getRoom());
                if (answer.hasDefinitions()) {
                    link.definitions().take(answer.getDefinitions());
                }
                obey(answer.getFencedStreamsList());
            } catch (StatusRuntimeException e) {
                return "report failed: " + e.getStatus();
            }
        }
    }

    ClaimResponse claim(ClaimRequest request) {
        ClaimResponse response = stub(channel, settings).claim(request);
        link.roomIs(response.getRoom());
        return response;
    }

    void release(ReleaseRequest request) {
        ReleaseResponse response =
                stub(channel, settings)
                        .release(
                                request.toBuilder()
                                        .setWorkerId(workerId())
                                        .setWorkerEpoch(workerEpoch())
                                        .build());
        link.roomIs(response.getRoom());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private ReportRequest report(WorkerLoad load) {
        ReportRequest.Builder report =
                ReportRequest.newBuilder()
                        .setWorkerId(identity.id())
                        .setWorkerEpoch(workerEpoch())
                        .setLoad(load)
                        .setDefinitionsVersion(link.definitions().version())
                        .setDraining(link.isDraining());
        link.refused().take().forEach(refusal -> report.addRefusals(told(refusal)));
        for (LiveStream stream : streams.all()) {
            report.addStreams(
                    StreamReport.newBuilder()
                            .setStreamId(stream.id().value())
                            .setEpoch(stream.state().epoch())
                            .setStatus(stream.state().status())
                            .setStats(stream.stats())
                            .setMetadata(stream.metadata()));
        }
        return report.build();
    }

    private void obey(List<FencedStream> fenced) {
        for (FencedStream stream : fenced) {
            StreamId.parse(stream.getStreamId())
                    .ifPresent(id -> streams.end(id, stream.getEpoch(), stream.getReason()));
        }
    }

    private static Refusal told(Refusals.Refusal refusal) {
        return Refusal.newBuilder()
                .setAt(Timestamps.fromMillis(refusal.unixMs()))
                .setSource(refusal.source())
                .setStreamId(refusal.streamId())
                .setReason(refusal.reason())
                .setSrtCode(
                        refusal.protocol() == Protocol.PROTOCOL_SRT
                                ? Reasons.srtCode(refusal.reason())
                                : 0)
                .setDetail(refusal.detail())
                .setProtocol(refusal.protocol())
                .setCount(1)
                .build();
    }

    private static HeldStream held(LiveStream stream) {
        return HeldStream.newBuilder()
                .setStreamId(stream.id().value())
                .setEpoch(stream.state().epoch())
                .setStatus(stream.state().status())
                .setProtocol(stream.protocol())
                .setReservedKbps(stream.reservedKbps())
                .setSource(stream.metadata().getSource())
                .build();
    }

    private static WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub(
            ManagedChannel channel, LinkSettings settings) {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(settings.callTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Receives commands on gRPC's threads; what it calls does not block. */
    private final class Commands implements StreamObserver<CommandsResponse> {

        @Override
        public void onNext(CommandsResponse command) {
            lastHeartbeatNs = System.nanoTime();
            switch (command.getCommandCase()) {
                case END_SESSION ->
                        StreamId.parse(command.getEndSession().getStreamId())
                                .ifPresent(id ->
                                        streams.end(
                                                id,
                                                command.getEndSession().getEpoch(),
                                                command.getEndSession().getReason()));
                case DRAIN -> link.drain();
                case UNDRAIN -> link.undrain();
                // They come with the next report.
                case HEARTBEAT, DEFINITIONS_CHANGED, COMMAND_NOT_SET -> {}
            }
        }

        @Override
        public void onError(Throwable error) {
            broken.offer("commands ended: " + error.getMessage());
        }

        @Override
        public void onCompleted() {
            broken.offer("commands ended by the control plane");
        }
    }
}
