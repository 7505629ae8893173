package live.mirror.control.worker;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.control.admission.ReconnectSettings;
import live.mirror.control.registry.Answer;
import live.mirror.control.registry.EventFeed;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.Admitted;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.CommandsRequest;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.FencedStream;
import live.mirror.v1.KeptReport;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.ReconnectPolicy;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.Rejected;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReleaseResponse;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.ReportResponse;
import live.mirror.v1.WorkerLinkServiceGrpc;

import java.time.Duration;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** The service that workers talk to. Each call blocks its own virtual thread. */
public final class WorkerLink implements BindableService, WorkerLinkServiceGrpc.AsyncService {

    private static final Pattern WORKER_ID = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Duration REPORT_INTERVAL = Duration.ofSeconds(1);

    private final Registry registry;
    private final CommandHub commands;
    private final Figures figures;
    private final DefinitionStore definitions;
    private final ReportFilter filter;
    private final Duration window;

    /** Serves workers out of this registry. */
    public WorkerLink(
            Registry registry,
            CommandHub commands,
            Figures figures,
            DefinitionStore definitions,
            ReconnectSettings reconnect) {
        this.registry = registry;
        this.commands = commands;
        this.figures = figures;
        this.filter =
                new ReportFilter(
                        registry.settings().lease(), reconnect.silence(), System::nanoTime);
        this.definitions = definitions;
        this.window = reconnect.window();
    }

    @Override
    public void register(RegisterRequest request, StreamObserver<RegisterResponse> observer) {
        requireWorkerId(request.getWorkerId());
        Texts.requireBounded(request);
        request.getHeldStreamsList()
                .forEach(held -> {
                    requireStreamId(held.getStreamId());
                    requireProtocol(held.getProtocol());
                });
        Answer.Registered registered = done(asking(() -> registry.register(request)));
        if (registered.known()) {
            filter.known(request.getWorkerId(), registered.epoch());
        } else {
            filter.forget(request.getWorkerId());
        }
        RegisterResponse.Builder response =
                RegisterResponse.newBuilder()
                        .setWorkerEpoch(registered.epoch())
                        .setLeaseMs(registry.settings().lease().toMillis())
                        .setReportIntervalMs(REPORT_INTERVAL.toMillis())
                        .setReconnectPolicy(policy(window.toMillis()))
                        .setRoom(registered.room())
                        .setGrant(registered.grant())
                        .setDefinitions(definitions.full())
                        .setDrained(registered.drained())
                        .setPulls(registered.pulls());
        registered.fenced().forEach(fenced -> response.addFencedStreams(wire(fenced)));
        observer.onNext(response.build());
        observer.onCompleted();
    }

    @Override
    public void claim(ClaimRequest request, StreamObserver<ClaimResponse> observer) {
        requireWorkerId(request.getWorkerId());
        requireProtocol(request.getProtocol());
        Texts.requireBounded(request);
        observer.onNext(
                StreamId.isValid(request.getStreamId())
                        ? decision(asking(() -> registry.claim(request)))
                        : ClaimResponse.newBuilder()
                                .setRejected(
                                        Rejected.newBuilder()
                                                .setReason(Reason.REASON_BAD_STREAM_ID)
                                                .setDetail(StreamId.RULE))
                                .build());
        observer.onCompleted();
    }

    private static ClaimResponse decision(Answer<Answer.Claimed> answer) {
        return switch (answer) {
            case Answer.Done<Answer.Claimed>(var claimed) ->
                    ClaimResponse.newBuilder()
                            .setAdmitted(
                                    Admitted.newBuilder()
                                            .setEpoch(claimed.epoch())
                                            .setReservedKbps(claimed.kbps())
                                            .setReconnectPolicy(policy(claimed.windowMs())))
                            .setRoom(claimed.room())
                            .build();
            case Answer.Refused<Answer.Claimed>(var reason, var detail, var room) -> {
                if (room.isEmpty()) {
                    // Not this publisher is refused but this worker: it has to register again.
                    throw Reasons.grpcError(reason, detail);
                }
                yield ClaimResponse.newBuilder()
                        .setRejected(Rejected.newBuilder().setReason(reason).setDetail(detail))
                        .setRoom(room.get())
                        .build();
            }
        };
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<ReleaseResponse> observer) {
        requireWorkerId(request.getWorkerId());
        requireStreamId(request.getStreamId());
        Texts.requireBounded(request);
        if (request.getReason() == Reason.REASON_UNSPECIFIED
                || request.getReason() == Reason.UNRECOGNIZED) {
            throw Reasons.grpcError(Reason.REASON_INVALID_REQUEST, "the reason is missing");
        }
        Answer.Released released = done(asking(() -> registry.release(request)));
        observer.onNext(
                ReleaseResponse.newBuilder()
                        .setStatus(released.status())
                        .setWindowLeftMs(released.windowLeftMs())
                        .setRoom(released.room())
                        .build());
        observer.onCompleted();
    }

    /** As generated, but for reports, which are read by {@link KeptReports}. */
    @Override
    public ServerServiceDefinition bindService() {
        ServerServiceDefinition generated = WorkerLinkServiceGrpc.bindService(this);
        MethodDescriptor<ReportRequest, ReportResponse> report =
                WorkerLinkServiceGrpc.getReportMethod();
        ServerServiceDefinition.Builder bound =
                ServerServiceDefinition.builder(generated.getServiceDescriptor().getName());
        for (ServerMethodDefinition<?, ?> method : generated.getMethods()) {
            if (!method.getMethodDescriptor().equals(report)) {
                bound.addMethod(method);
            }
        }
        return bound.addMethod(
                        report.toBuilder(new KeptReports(), report.getResponseMarshaller()).build(),
                        ServerCalls.asyncUnaryCall(this::takeReport))
                .build();
    }

    private void takeReport(KeptReport request, StreamObserver<ReportResponse> observer) {
        requireWorkerId(request.getWorkerId());
        // Of the streams only figures have texts, which are in memory until the next report.
        request.getRefusalsList().forEach(Texts::requireBounded);
        request.getPullsList().forEach(Texts::requireBounded);
        ReportFilter.Due due = filter.due(request);
        // What the registry does not hear of it knows already, by an id that is valid.
        due.streams().forEach(told -> requireStreamId(told.id()));
        ReportResponse.Builder response =
                due.nothing() ? ReportResponse.newBuilder() : renew(request, due);
        definitions.since(request.getDefinitionsVersion()).ifPresent(response::setDefinitions);
        figures.put(request);
        observer.onNext(response.build());
        observer.onCompleted();
    }

    private ReportResponse.Builder renew(KeptReport request, ReportFilter.Due due) {
        Answer.Renewed renewed =
                done(asking(() -> registry.report(request, due.streams(), due.all())));
        filter.done(request, due);
        ReportResponse.Builder response =
                ReportResponse.newBuilder().setRoom(renewed.room()).setGrant(renewed.grant());
        renewed.fenced().forEach(fenced -> response.addFencedStreams(wire(fenced)));
        renewed.pulls().ifPresent(response::setPulls);
        return response;
    }

    /**
     * Makes sure that a worker's next report is answered with what changed, and forgets what a lost
     * worker told. Does not block.
     */
    public void onEvent(EventFeed.Event event) {
        String worker = event.get("worker");
        switch (event.get("kind")) {
            case "pulls" -> filter.renewNext(worker);
            case "worker" -> {
                if (event.get("status").equals("LOST")) {
                    filter.forget(worker);
                    figures.forget(worker);
                }
            }
            default -> {
                // No matter of reports.
            }
        }
        commands.onEvent(event);
    }

    @Override
    public void commands(CommandsRequest request, StreamObserver<CommandsResponse> observer) {
        requireWorkerId(request.getWorkerId());
        try {
            commands.serve(request.getWorkerId(), observer);
            observer.onCompleted();
        } catch (InterruptedException e) {
            // The guard ends a stream in this way when its peer is gone.
            Thread.currentThread().interrupt();
        }
    }

    private static ReconnectPolicy policy(long windowMs) {
        return ReconnectPolicy.newBuilder().setWindowMs(windowMs).build();
    }

    private static FencedStream wire(Answer.Fenced fenced) {
        return FencedStream.newBuilder()
                .setStreamId(fenced.id())
                .setEpoch(fenced.epoch())
                .setReason(fenced.reason())
                .setMovedTo(fenced.movedTo())
                .build();
    }

    private static <T> T asking(Supplier<T> call) {
        try {
            return call.get();
        } catch (RegistryAwayException e) {
            throw Reasons.grpcError(Reason.REASON_REGISTRY_AWAY, String.valueOf(e.getMessage()));
        }
    }

    private static <T> T done(Answer<T> answer) {
        return switch (answer) {
            case Answer.Done<T>(var value) -> value;
            case Answer.Refused<T>(var reason, var detail, _) ->
                    throw Reasons.grpcError(reason, detail);
        };
    }

    private static void requireWorkerId(String id) {
        if (!WORKER_ID.matcher(id).matches()) {
            throw Reasons.grpcError(
                    Reason.REASON_INVALID_REQUEST, "a worker id has to match " + WORKER_ID);
        }
    }

    private static void requireStreamId(String id) {
        if (!StreamId.isValid(id)) {
            throw Reasons.grpcError(Reason.REASON_BAD_STREAM_ID, StreamId.RULE);
        }
    }

    private static void requireProtocol(Protocol protocol) {
        if (protocol == Protocol.PROTOCOL_UNSPECIFIED || protocol == Protocol.UNRECOGNIZED) {
            throw Reasons.grpcError(Reason.REASON_INVALID_REQUEST, "the protocol is missing");
        }
    }
}
