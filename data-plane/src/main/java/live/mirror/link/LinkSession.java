package live.mirror.link;

import com.google.protobuf.util.Timestamps;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.settings.TlsFiles;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.ClusterRoom;
import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.EndSession;
import live.mirror.v1.FencedStream;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Refusal;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReleaseRequest;
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

    /** Wakes the reporting thread without breaking anything. */
    private static final String REPORT_NOW = "";

    private final ManagedChannel channel;
    private final WorkerIdentity identity;
    private final Parts parts;
    private final BlockingQueue<String> wake = new ArrayBlockingQueue<>(8);
    private volatile long workerEpoch;
    private volatile long lastHeartbeatNs = System.nanoTime();
    private long reportIntervalMs;

    /** What a session works with; the same for all sessions of a link. */
    record Parts(
            LinkSettings settings,
            Membership membership,
            LiveStreams streams,
            DefinitionFeed definitions,
            Refusals refusals,
            Drainer drainer,
            Supplier<WorkerLoad> load) {}

    private LinkSession(ManagedChannel channel, WorkerIdentity identity, Parts parts) {
        this.channel = channel;
        this.identity = identity;
        this.parts = parts;
    }

    /**
     * Connects and registers.
     *
     * @throws StatusRuntimeException when the control plane does not answer or refuses
     */
    static LinkSession connect(HostPort replica, WorkerIdentity identity, Parts parts) {
        ManagedChannel channel =
                NettyChannelBuilder.forAddress(
                                replica.host(),
                                replica.port(),
                                parts.settings()
                                        .tls()
                                        .map(TlsFiles::channelCredentials)
                                        .orElseGet(InsecureChannelCredentials::create))
                        .keepAliveTime(10, TimeUnit.SECONDS)
                        .keepAliveTimeout(2, TimeUnit.SECONDS)
                        .maxInboundMessageSize(64 << 20)
                        .disableRetry()
                        .build();
        LinkSession session = new LinkSession(channel, identity, parts);
        try {
            session.register();
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
        return workerEpoch;
    }

    /**
     * Ends this registration soon, so that the worker registers again. Any thread; never blocks.
     */
    void breakOff(String why) {
        // A full queue has a reason in it already.
        wake.offer(why);
    }

    /** Reports until something breaks; answers what. */
    String run() throws InterruptedException {
        WorkerLinkServiceGrpc.newStub(channel)
                .commands(
                        CommandsRequest.newBuilder()
                                .setWorkerId(identity.id())
                                .setWorkerEpoch(workerEpoch)
                                .build(),
                        new Commands());
        while (true) {
            String why = wake.poll(reportIntervalMs, TimeUnit.MILLISECONDS);
            if (why != null && !why.equals(REPORT_NOW)) {
                return why;
            }
            if (System.nanoTime() - lastHeartbeatNs > HEARTBEAT_LIMIT.toNanos()) {
                return "no heartbeat for " + HEARTBEAT_LIMIT.toMillis() + " ms";
            }
            try {
                report();
            } catch (StatusRuntimeException e) {
                return "report failed: " + e.getStatus();
            }
        }
    }

    ClaimResponse claim(ClaimRequest request) {
        ClaimResponse response = stub().claim(request);
        if (response.hasRoom()) {
            parts.membership().room(response.getRoom());
        }
        return response;
    }

    void release(ReleaseRequest request) {
        ReleaseRequest addressed =
                request.toBuilder().setWorkerId(workerId()).setWorkerEpoch(workerEpoch).build();
        parts.membership().room(stub().release(addressed).getRoom());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private void register() {
        long askedNs = System.nanoTime();
        Membership membership = parts.membership();
        RegisterResponse registered =
                stub().register(
                                RegisterRequest.newBuilder()
                                        .setWorkerId(identity.id())
                                        .setIncarnation(identity.incarnation())
                                        .setAddresses(identity.addresses())
                                        .setCapacity(identity.capacity())
                                        .setVersion(identity.version())
                                        .setDraining(membership.leaving())
                                        .setDrained(membership.drained())
                                        .setGrantedStreams(membership.grant().streams(askedNs))
                                        .setWorkerEpoch(membership.workerEpoch())
                                        .addAllHeldStreams(
                                                parts.streams().all().stream()
                                                        .map(LinkSession::held)
                                                        .toList())
                                        .build());
        workerEpoch = registered.getWorkerEpoch();
        reportIntervalMs = Math.max(100, registered.getReportIntervalMs());
        membership.workerEpoch(workerEpoch);
        membership.reconnectWindow(
                Duration.ofMillis(registered.getReconnectPolicy().getWindowMs()));
        membership.room(registered.getRoom());
        membership.grant().replace(registered.getGrant(), askedNs);
        membership.drained(registered.getDrained());
        parts.definitions().take(registered.getDefinitions());
        parts.definitions().take(registered.getPulls());
        obey(registered.getFencedStreamsList());
    }

    private void room(ClusterRoom cluster) {
        Membership membership = parts.membership();
        membership.room(
                RoomLeft.here(
                        cluster,
                        identity.capacity(),
                        parts.streams().all(),
                        membership.grant().streams(System.nanoTime()),
                        membership.room()));
    }

    private void report() {
        long askedNs = System.nanoTime();
        List<Refusals.Refusal> refusals = parts.refusals().take();
        ReportResponse answer = stub().report(request(refusals, askedNs));
        if (answer.hasRoom()) {
            parts.membership().room(answer.getRoom());
        }
        if (answer.hasGrant()) {
            parts.membership().grant().replace(answer.getGrant(), askedNs);
        }
        if (answer.hasDefinitions()) {
            parts.definitions().take(answer.getDefinitions());
        }
        if (answer.hasPulls()) {
            parts.definitions().take(answer.getPulls());
        }
        obey(answer.getFencedStreamsList());
    }

    private ReportRequest request(List<Refusals.Refusal> refusals, long nowNs) {
        Membership membership = parts.membership();
        ReportRequest.Builder report =
                ReportRequest.newBuilder()
                        .setWorkerId(identity.id())
                        .setWorkerEpoch(workerEpoch)
                        .setLoad(parts.load().get())
                        .setDraining(membership.leaving())
                        .setGrantedStreams(membership.grant().streams(nowNs))
                        .setDefinitionsVersion(parts.definitions().version())
                        .setPullsVersion(parts.definitions().pullsVersion())
                        .addAllPulls(parts.definitions().pulls().reports());
        refusals.forEach(refusal -> report.addRefusals(told(refusal)));
        for (LiveStream stream : parts.streams().all()) {
            report.addStreams(
                    StreamReport.newBuilder()
                            .setStreamId(stream.id().value())
                            .setEpoch(stream.state().epoch())
                            .setStatus(stream.state().status())
                            .setStats(stream.stats())
                            .setMetadata(stream.metadata())
                            .setSilentMs(stream.silence(nowNs).toMillis()));
        }
        return report.build();
    }

    private Refusal told(Refusals.Refusal refusal) {
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
                .setWorker(identity.id())
                .setProtocol(refusal.protocol())
                .setCount(1)
                .build();
    }

    private void obey(List<FencedStream> fenced) {
        for (FencedStream stream : fenced) {
            end(stream.getStreamId(), stream.getEpoch(), stream.getReason(), stream.getMovedTo());
        }
    }

    private void end(String streamId, long epoch, live.mirror.v1.Reason reason, String movedTo) {
        StreamId.parse(streamId).ifPresent(id -> parts.streams().end(id, epoch, reason, movedTo));
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

    private WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub() {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(
                        parts.settings().callTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Receives commands on gRPC's threads; what it calls does not block. */
    private final class Commands implements StreamObserver<CommandsResponse> {

        @Override
        public void onNext(CommandsResponse command) {
            lastHeartbeatNs = System.nanoTime();
            switch (command.getCommandCase()) {
                case END_SESSION -> {
                    EndSession session = command.getEndSession();
                    end(
                            session.getStreamId(),
                            session.getEpoch(),
                            session.getReason(),
                            session.getMovedTo());
                }
                case DRAIN -> {
                    parts.membership().drained(true);
                    parts.drainer().start(Duration.ofMillis(command.getDrain().getWithinMs()));
                }
                case UNDRAIN -> {
                    parts.drainer().stop();
                    parts.membership().drained(false);
                }
                case DEFINITIONS_CHANGED, PULLS_CHANGED -> breakOff(REPORT_NOW);
                case CLUSTER_ROOM -> room(command.getClusterRoom());
                case HEARTBEAT, COMMAND_NOT_SET -> {}
            }
        }

        @Override
        public void onError(Throwable error) {
            breakOff("commands ended: " + error.getMessage());
        }

        @Override
        public void onCompleted() {
            breakOff("commands ended by the control plane");
        }
    }
}
