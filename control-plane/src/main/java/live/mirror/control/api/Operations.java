package live.mirror.control.api;

import live.mirror.contract.StreamId;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.StreamRecord;
import live.mirror.control.registry.WorkerRecord;
import live.mirror.control.worker.Figures;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetStreamResponse;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.ListWorkersResponse;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.StopStreamResponse;
import live.mirror.v1.Stream;
import live.mirror.v1.Worker;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLoad;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What the API can do, whoever asks and how. Blocks for the registry's timeout at most. */
public final class Operations {

    private static final int PAGE = 500;

    private final Registry registry;
    private final Figures figures;

    /** Answers out of the registry, with the figures of the workers that report here. */
    public Operations(Registry registry, Figures figures) {
        this.registry = registry;
        this.figures = figures;
    }

    ListStreamsResponse listStreams(ListStreamsRequest request) {
        Map<String, WorkerRecord> workers = workersById();
        ListStreamsResponse.Builder response = ListStreamsResponse.newBuilder();
        String after = "";
        do {
            Registry.Page page = registry.streams(after, PAGE);
            page.streams().forEach(record -> response.addStreams(complete(record, workers)));
            after = page.next();
        } while (!after.isEmpty());
        return response.build();
    }

    GetStreamResponse getStream(GetStreamRequest request) {
        return GetStreamResponse.newBuilder()
                .setStream(complete(find(request.getId()), workersById()))
                .build();
    }

    StopStreamResponse stopStream(StopStreamRequest request) {
        requireId(request.getId());
        Reason reason =
                switch (request.getReason()) {
                    case REASON_UNSPECIFIED, UNRECOGNIZED -> Reason.REASON_STOPPED_BY_OPERATOR;
                    case REASON_STOPPED_BY_OPERATOR, REASON_FORBIDDEN, REASON_DISABLED ->
                            request.getReason();
                    default ->
                            throw new ApiException(
                                    Reason.REASON_INVALID_REQUEST,
                                    "a stream is stopped with STOPPED_BY_OPERATOR, FORBIDDEN or"
                                            + " DISABLED");
                };
        if (!registry.stop(request.getId(), reason)) {
            throw notFound(request.getId());
        }
        return StopStreamResponse.newBuilder()
                .setStream(complete(find(request.getId()), workersById()))
                .build();
    }

    LocateStreamResponse locateStream(LocateStreamRequest request) {
        Stream stream = complete(find(request.getId()), workersById());
        if (stream.getDeliveryAddress().isEmpty()) {
            throw new ApiException(
                    Reason.REASON_NOT_FOUND, "no worker holds the stream " + request.getId());
        }
        return LocateStreamResponse.newBuilder()
                .setDeliveryAddress(stream.getDeliveryAddress())
                .setWorker(stream.getWorker())
                .setEpoch(stream.getEpoch())
                .setStatus(stream.getStatus())
                .build();
    }

    ListWorkersResponse listWorkers(ListWorkersRequest request) {
        ListWorkersResponse.Builder response = ListWorkersResponse.newBuilder();
        registry.workers().forEach(record -> response.addWorkers(complete(record)));
        return response.build();
    }

    private Stream complete(StreamRecord record, Map<String, WorkerRecord> workers) {
        Stream.Builder stream = record.toStream();
        WorkerRecord worker = workers.get(record.worker());
        if (worker != null) {
            stream.setDeliveryAddress(worker.addresses().getDelivery());
        }
        figures.stream(record.worker(), record.id(), record.epoch())
                .ifPresent(report ->
                        stream.setStats(report.getStats()).mergeMetadata(report.getMetadata()));
        return stream.build();
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

    private Map<String, WorkerRecord> workersById() {
        return registry.workers().stream()
                .collect(Collectors.toMap(WorkerRecord::id, Function.identity()));
    }

    private StreamRecord find(String id) {
        requireId(id);
        return registry.stream(id).orElseThrow(() -> notFound(id));
    }

    private static void requireId(String id) {
        if (!StreamId.isValid(id)) {
            throw new ApiException(Reason.REASON_BAD_STREAM_ID, StreamId.RULE);
        }
    }

    private static ApiException notFound(String id) {
        return new ApiException(Reason.REASON_NOT_FOUND, "there is no stream " + id);
    }
}
