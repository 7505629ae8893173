package live.mirror.control.api;

import live.mirror.contract.StreamId;
import live.mirror.control.registry.Answer;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.StreamRecord;
import live.mirror.control.registry.WorkerRecord;
import live.mirror.control.worker.Figures;
import live.mirror.control.worker.PeerFigures;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetStreamResponse;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.StopStreamResponse;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * What the API can do with streams, whoever asks and how. Blocks for the registry's timeout at
 * most.
 */
public final class Operations {

    private static final int PAGE = 500;
    private static final int MAX_PAGE = 1_000;

    private static final long FRESH_NS = Duration.ofMillis(500).toNanos();

    private volatile Known known = new Known(System.nanoTime() - FRESH_NS, Map.of());

    /** The workers as they were a moment ago. */
    private record Known(long atNs, Map<String, WorkerRecord> workers) {}

    private final Registry registry;
    private final Figures figures;
    private final PeerFigures peers;
    private final Watchers watchers;

    /** Answers out of the registry, with the figures of the workers. */
    public Operations(Registry registry, Figures figures, PeerFigures peers, Watchers watchers) {
        this.registry = registry;
        this.figures = figures;
        this.peers = peers;
        this.watchers = watchers;
    }

    ListStreamsResponse listStreams(ListStreamsRequest request) {
        int size = request.getPageSize();
        if (size < 0 || size > MAX_PAGE) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "pageSize: 0 to " + MAX_PAGE);
        }
        if (!request.getPageToken().isEmpty()) {
            requireId(request.getPageToken());
        }
        if (request.getStatus() == StreamStatus.UNRECOGNIZED) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "status: unknown");
        }
        if (request.getStatus() == StreamStatus.STREAM_STATUS_STOPPED) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST,
                    "status: streams that have stopped are in no list; ask for one by its id");
        }
        ListStreamsResponse.Builder response = ListStreamsResponse.newBuilder();
        String after = request.getPageToken();
        do {
            Registry.Page page =
                    registry.streams(after, size == 0 ? PAGE : size, request.getWorker());
            Map<String, WorkerRecord> workers = workersFor(page.streams());
            after = page.next();
            for (StreamRecord record : page.streams()) {
                if (matches(request, record)) {
                    response.addStreams(complete(record, workers));
                }
                if (size > 0 && response.getStreamsCount() == size) {
                    after = record.id();
                    break;
                }
            }
        } while (!after.isEmpty() && (size == 0 || response.getStreamsCount() < size));
        return response.setNextPageToken(after).build();
    }

    private static boolean matches(ListStreamsRequest request, StreamRecord record) {
        return (request.getStatus() == StreamStatus.STREAM_STATUS_UNSPECIFIED
                        || request.getStatus() == record.status())
                && (request.getWorker().isEmpty() || request.getWorker().equals(record.worker()));
    }

    GetStreamResponse getStream(GetStreamRequest request) {
        return GetStreamResponse.newBuilder().setStream(stream(request.getId())).build();
    }

    StopStreamResponse stopStream(StopStreamRequest request) {
        requireId(request.getId());
        Reason reason =
                switch (request.getReason()) {
                    case REASON_UNSPECIFIED -> Reason.REASON_STOPPED_BY_OPERATOR;
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
        return StopStreamResponse.newBuilder().setStream(stream(request.getId())).build();
    }

    LocateStreamResponse locateStream(LocateStreamRequest request) {
        StreamRecord record = find(request.getId());
        Stream stream = complete(record, workersFor(record));
        return LocateStreamResponse.newBuilder()
                .setDeliveryAddress(stream.getDeliveryAddress())
                .setWorker(stream.getWorker())
                .setEpoch(stream.getEpoch())
                .setStatus(stream.getStatus())
                .setReason(stream.getLastReason())
                .build();
    }

    /**
     * Tells the streams as they are, or what the watcher missed, and then every change. Blocks the
     * calling virtual thread until the watcher is gone.
     */
    void watch(
            WatchStreamsRequest request,
            BooleanSupplier gone,
            Consumer<WatchStreamsResponse> watcher)
            throws InterruptedException {
        if (!request.getId().isEmpty()) {
            requireId(request.getId());
        }
        if (!request.getAfter().matches("|" + WatchCall.EVENT_ID)) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST, "after: an event's id, such as 1767225600000-0");
        }
        try (Watchers.Watch watch =
                watchers.open()
                        .orElseThrow(() ->
                                new ApiException(
                                        Reason.REASON_RATE_LIMITED, "too many watchers"))) {
            new WatchCall(registry, this, request, watcher).run(watch, gone);
        }
    }

    private Stream stream(String id) {
        StreamRecord record = find(id);
        Map<String, WorkerRecord> workers = workersFor(record);
        WorkerRecord worker = workers.get(record.worker());
        if (worker != null) {
            peers.refresh(byReplica(List.of(worker)));
        }
        return complete(record, workers);
    }

    /** The stream with the figures and addresses that its worker told. */
    Stream complete(StreamRecord record) {
        return complete(record, workersFor(record));
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

    static Map<String, List<String>> byReplica(Collection<WorkerRecord> workers) {
        return workers.stream()
                .collect(
                        Collectors.groupingBy(
                                WorkerRecord::replica,
                                Collectors.mapping(WorkerRecord::id, Collectors.toList())));
    }

    /** The workers of a page's streams, with figures that are a second old at most. */
    private Map<String, WorkerRecord> workersFor(List<StreamRecord> page) {
        Map<String, WorkerRecord> workers = knownFor(page);
        Map<String, WorkerRecord> holders = new HashMap<>(workers);
        holders.keySet()
                .retainAll(page.stream().map(StreamRecord::worker).collect(Collectors.toSet()));
        peers.refresh(byReplica(holders.values()));
        return workers;
    }

    private Map<String, WorkerRecord> workersFor(StreamRecord record) {
        return knownFor(List.of(record));
    }

    /**
     * The workers of these streams, half a second old at most: whoever watches a thousand streams
     * must not have their workers read for each change, nor a page those of all others.
     */
    private Map<String, WorkerRecord> knownFor(List<StreamRecord> records) {
        Known now = known;
        boolean fresh = System.nanoTime() - now.atNs() < FRESH_NS;
        Map<String, WorkerRecord> workers = new HashMap<>(fresh ? now.workers() : Map.of());
        Set<String> unknown =
                records.stream()
                        .map(StreamRecord::worker)
                        .filter(id -> !id.isEmpty() && !workers.containsKey(id))
                        .collect(Collectors.toSet());
        if (!unknown.isEmpty()) {
            registry.workers(unknown).forEach(worker -> workers.put(worker.id(), worker));
            known = new Known(fresh ? now.atNs() : System.nanoTime(), Map.copyOf(workers));
        }
        return workers;
    }

    private StreamRecord find(String id) {
        requireId(id);
        return registry.stream(id).orElseThrow(() -> notFound(id));
    }

    static void requireId(String id) {
        if (!StreamId.isValid(id)) {
            throw new ApiException(Reason.REASON_BAD_STREAM_ID, StreamId.RULE);
        }
    }

    /** What a script gave, or its refusal as an error of the API. */
    static <T> T done(Answer<T> answer) {
        return switch (answer) {
            case Answer.Done<T>(var value) -> value;
            case Answer.Refused<T>(var reason, var detail, _) ->
                    throw new ApiException(reason, detail);
        };
    }

    private static ApiException notFound(String id) {
        return new ApiException(Reason.REASON_NOT_FOUND, "there is no stream " + id);
    }
}
