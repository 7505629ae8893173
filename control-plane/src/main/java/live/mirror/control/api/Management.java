package live.mirror.control.api;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;

import live.mirror.control.admission.IngestTokens;
import live.mirror.control.registry.Answer;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.WorkerRecord;
import live.mirror.control.worker.Figures;
import live.mirror.control.worker.PeerFigures;
import live.mirror.v1.AllocateIngestRequest;
import live.mirror.v1.AllocateIngestResponse;
import live.mirror.v1.DeleteDefinitionRequest;
import live.mirror.v1.DeleteDefinitionResponse;
import live.mirror.v1.DrainWorkerRequest;
import live.mirror.v1.DrainWorkerResponse;
import live.mirror.v1.ExplainIngestRequest;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.GetDefinitionRequest;
import live.mirror.v1.GetDefinitionResponse;
import live.mirror.v1.GetTimelineRequest;
import live.mirror.v1.GetTimelineResponse;
import live.mirror.v1.GetWorkerRequest;
import live.mirror.v1.GetWorkerResponse;
import live.mirror.v1.ListDefinitionsRequest;
import live.mirror.v1.ListDefinitionsResponse;
import live.mirror.v1.ListRefusalsRequest;
import live.mirror.v1.ListRefusalsResponse;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.ListWorkersResponse;
import live.mirror.v1.Protocol;
import live.mirror.v1.PutDefinitionRequest;
import live.mirror.v1.PutDefinitionResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.Refusal;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TimelineEntry;
import live.mirror.v1.UndrainWorkerRequest;
import live.mirror.v1.UndrainWorkerResponse;
import live.mirror.v1.Worker;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLoad;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/** What the API can do with workers, definitions, tokens and history. */
public final class Management {

    private static final Duration DRAIN = Duration.ofMinutes(2);
    private static final int MAX_REFUSALS = 1_000;

    /** libsrt's own default, and the workers', where the definition has no latency. */
    private static final int DEFAULT_LATENCY_MS = 120;

    private final Registry registry;
    private final Figures figures;
    private final PeerFigures peers;
    private final IngestTokens tokens;
    private final Explanations explanations;

    /** Answers out of the registry. */
    public Management(Registry registry, Figures figures, PeerFigures peers, IngestTokens tokens) {
        this.registry = registry;
        this.figures = figures;
        this.peers = peers;
        this.tokens = tokens;
        this.explanations = new Explanations(registry);
    }

    ListWorkersResponse listWorkers(ListWorkersRequest request) {
        List<WorkerRecord> workers = registry.workers();
        peers.refresh(Operations.byReplica(workers));
        return ListWorkersResponse.newBuilder()
                .addAllWorkers(workers.stream().map(this::complete).toList())
                .build();
    }

    GetWorkerResponse getWorker(GetWorkerRequest request) {
        return GetWorkerResponse.newBuilder().setWorker(worker(request.getId())).build();
    }

    DrainWorkerResponse drain(DrainWorkerRequest request) {
        drain(request.getId(), true);
        return DrainWorkerResponse.newBuilder().setWorker(worker(request.getId())).build();
    }

    UndrainWorkerResponse undrain(UndrainWorkerRequest request) {
        drain(request.getId(), false);
        return UndrainWorkerResponse.newBuilder().setWorker(worker(request.getId())).build();
    }

    private void drain(String id, boolean on) {
        requireWorkerId(id);
        if (!registry.drain(id, on, DRAIN)) {
            throw noWorker(id);
        }
    }

    ListDefinitionsResponse listDefinitions(ListDefinitionsRequest request) {
        return ListDefinitionsResponse.newBuilder()
                .addAllDefinitions(
                        registry.definitions().since(0).definitions().stream()
                                .map(Definitions::shown)
                                .sorted(Comparator.comparing(StreamDefinition::getId))
                                .toList())
                .build();
    }

    GetDefinitionResponse getDefinition(GetDefinitionRequest request) {
        return GetDefinitionResponse.newBuilder()
                .setDefinition(Definitions.shown(definition(request.getId())))
                .build();
    }

    PutDefinitionResponse putDefinition(PutDefinitionRequest request) {
        if (request.getIfVersion() < -1) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "ifVersion: -1 or more");
        }
        StreamDefinition definition = Definitions.checked(request.getDefinition());
        Operations.done(registry.definitions().define(definition, request.getIfVersion()));
        return PutDefinitionResponse.newBuilder()
                .setDefinition(Definitions.shown(definition(definition.getId())))
                .build();
    }

    DeleteDefinitionResponse deleteDefinition(DeleteDefinitionRequest request) {
        Operations.requireId(request.getId());
        Operations.done(registry.definitions().delete(request.getId()));
        return DeleteDefinitionResponse.getDefaultInstance();
    }

    AllocateIngestResponse allocate(AllocateIngestRequest request) {
        Operations.requireId(request.getStreamId());
        if (request.getProtocol() != Protocol.PROTOCOL_SRT
                && request.getProtocol() != Protocol.PROTOCOL_UNSPECIFIED) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST, "protocol: only SRT carries a token");
        }
        byte[] id = tokens.newId();
        Answer.Allocated allocated =
                Operations.done(registry.allocate(request.getStreamId(), IngestTokens.text(id)));
        int latencyMs =
                registry.definitions()
                        .get(request.getStreamId())
                        .map(definition -> definition.getSrt().getLatencyMs())
                        .filter(ms -> ms > 0)
                        .orElse(DEFAULT_LATENCY_MS);
        IngestTokens.Token token = tokens.sign(id, request.getStreamId(), allocated.worker());
        String streamId = "#!::r=" + request.getStreamId() + ",m=publish,s=" + token.text();
        String address = allocated.addresses().getSrt();
        return AllocateIngestResponse.newBuilder()
                .setWorker(allocated.worker())
                .setAddress(address)
                .setToken(token.text())
                .setExpiresAt(Timestamp.newBuilder().setSeconds(token.content().getExpiresUnixS()))
                .setLatencyMs(latencyMs)
                .setSrtStreamId(streamId)
                .setUrl(
                        "srt://"
                                + address
                                + "?streamid="
                                + URLEncoder.encode(streamId, StandardCharsets.UTF_8))
                .build();
    }

    ExplainIngestResponse explain(ExplainIngestRequest request) {
        return explanations.explain(request);
    }

    ListRefusalsResponse listRefusals(ListRefusalsRequest request) {
        int limit = request.getLimit() == 0 ? MAX_REFUSALS : request.getLimit();
        if (limit < 1 || limit > MAX_REFUSALS) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "limit: 1 to " + MAX_REFUSALS);
        }
        if (!Timestamps.isValid(request.getSince()) || !Timestamps.isValid(request.getUntil())) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "since, until: no such time");
        }
        return ListRefusalsResponse.newBuilder()
                .addAllRefusals(
                        registry.refusals().stream()
                                .filter(refusal -> asked(request, refusal))
                                .limit(limit)
                                .toList())
                .build();
    }

    private static boolean asked(ListRefusalsRequest request, Refusal refusal) {
        Timestamp since = request.getSince();
        Timestamp until = request.getUntil();
        return (request.getStreamId().isEmpty()
                        || refusal.getStreamId().equals(request.getStreamId()))
                && refusal.getSource().startsWith(request.getSource())
                && Timestamps.compare(refusal.getAt(), since) >= 0
                && (until.equals(Timestamp.getDefaultInstance())
                        || Timestamps.compare(refusal.getAt(), until) < 0);
    }

    GetTimelineResponse timeline(GetTimelineRequest request) {
        Operations.requireId(request.getId());
        List<TimelineEntry> entries = registry.timeline(request.getId());
        if (entries.isEmpty()) {
            throw new ApiException(
                    Reason.REASON_NOT_FOUND, "nothing is known of " + request.getId());
        }
        return GetTimelineResponse.newBuilder().addAllEntries(entries).build();
    }

    private StreamDefinition definition(String id) {
        Operations.requireId(id);
        return registry.definitions()
                .get(id)
                .orElseThrow(() ->
                        new ApiException(
                                Reason.REASON_NOT_FOUND, "there is no definition of " + id));
    }

    private Worker worker(String id) {
        requireWorkerId(id);
        WorkerRecord record =
                registry.workers().stream()
                        .filter(worker -> worker.id().equals(id))
                        .findFirst()
                        .orElseThrow(() -> noWorker(id));
        peers.refresh(Operations.byReplica(List.of(record)));
        return complete(record);
    }

    private Worker complete(WorkerRecord record) {
        Worker.Builder worker =
                Worker.newBuilder()
                        .setId(record.id())
                        .setEpoch(record.epoch())
                        .setStatus(record.status())
                        .setDraining(record.draining())
                        .setAddresses(record.addresses())
                        .setVersion(record.fields().getOrDefault("version", ""))
                        .setCapacity(
                                WorkerCapacity.newBuilder()
                                        .setStreams((int) record.number("max_streams"))
                                        .setKbps(record.number("max_kbps")))
                        .setLoad(
                                WorkerLoad.newBuilder().setStreams((int) record.number("streams")));
        figures.load(record.id())
                .ifPresent(load -> worker.setLoad(load.load()).setLastReportAt(load.timestamp()));
        return worker.build();
    }

    private static void requireWorkerId(String id) {
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST,
                    "a worker id has 1 to 64 characters out of A-Z a-z 0-9 . _ -");
        }
    }

    private static ApiException noWorker(String id) {
        return new ApiException(Reason.REASON_NOT_FOUND, "there is no worker " + id);
    }
}
