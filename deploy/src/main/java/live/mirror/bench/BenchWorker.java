package live.mirror.bench;

import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.FencedStream;
import live.mirror.v1.Grant;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.ReportResponse;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLoad;

import org.jspecify.annotations.Nullable;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A worker as far as the control plane can see: registers, reports each second, claims, and begins
 * again after any break, with the pauses and deadlines of the data plane's {@code Link}. It has no
 * media. A virtual thread of its own keeps the registration; any thread claims and releases.
 */
final class BenchWorker {

    private static final long RETRY_MIN_MS = 50;
    private static final long RETRY_MAX_MS = 1_000;
    private static final long KBPS = 10_000;
    private static final String SOURCE = "192.0.2.1:5000";

    private final String id;
    private final int linkPort;
    private final FleetCounters counters;
    private final long incarnation = ThreadLocalRandom.current().nextLong();
    private final Map<String, Long> held = new ConcurrentHashMap<>();
    private final BenchFigures figures = new BenchFigures();
    private final Thread keeper;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable BenchSession session;
    private volatile Grant grant = Grant.getDefaultInstance();
    private volatile long workerEpoch;
    private volatile long definitionsVersion;
    private volatile long pullsVersion;

    BenchWorker(String id, int linkPort, FleetCounters counters) {
        this.id = id;
        this.linkPort = linkPort;
        this.counters = counters;
        this.keeper = Thread.ofVirtual().name("keeper of " + id).unstarted(this::keep);
    }

    void start() {
        keeper.start();
    }

    String id() {
        return id;
    }

    /** Loses its connection, as by a break of the network; comes back by itself. */
    void cut() {
        BenchSession now = session;
        if (now != null) {
            now.close();
        }
    }

    void close() {
        closed.countDown();
        keeper.interrupt();
    }

    void awaitClosed() throws InterruptedException {
        keeper.join();
    }

    private void keep() {
        long pauseMs = RETRY_MIN_MS;
        try {
            while (closed.getCount() > 0) {
                boolean stood = keepOne();
                pauseMs = stood ? RETRY_MIN_MS : Math.min(pauseMs * 2, RETRY_MAX_MS);
                long jittered = ThreadLocalRandom.current().nextLong(pauseMs / 2, pauseMs + 1);
                if (closed.await(jittered, TimeUnit.MILLISECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            cut();
        }
    }

    /** Keeps one registration until it breaks; answers whether it ever stood. */
    private boolean keepOne() throws InterruptedException {
        try (BenchSession candidate = new BenchSession(linkPort)) {
            long intervalMs = register(candidate);
            session = candidate;
            counters.registrations.increment();
            counters.registered.incrementAndGet();
            try {
                candidate.listen(id, workerEpoch);
                counters.lostLink(report(candidate, intervalMs));
            } finally {
                session = null;
                counters.registered.decrementAndGet();
            }
            return true;
        } catch (StatusRuntimeException e) {
            counters.failedRegistration(e.getStatus());
            return false;
        }
    }

    private long register(BenchSession candidate) {
        RegisterRequest.Builder request =
                RegisterRequest.newBuilder()
                        .setWorkerId(id)
                        .setIncarnation(incarnation)
                        .setWorkerEpoch(workerEpoch)
                        .setVersion("bench")
                        .setGrantedStreams(grant.getStreams())
                        .setAddresses(
                                WorkerAddresses.newBuilder()
                                        .setSrt(id + ".bench:30000")
                                        .setRtp(id + ".bench:5004")
                                        .setDelivery(id + ".bench:9090")
                                        .setAdmin(id + ".bench:9091"))
                        .setCapacity(WorkerCapacity.newBuilder().setStreams(1_000));
        held.forEach((stream, epoch) ->
                request.addHeldStreams(
                        HeldStream.newBuilder()
                                .setStreamId(stream)
                                .setEpoch(epoch)
                                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                .setProtocol(Protocol.PROTOCOL_SRT)
                                .setReservedKbps(KBPS)
                                .setSource(SOURCE)));
        RegisterResponse registered = candidate.stub().register(request.build());
        workerEpoch = registered.getWorkerEpoch();
        grant = registered.getGrant();
        definitionsVersion = registered.getDefinitions().getVersion();
        pullsVersion = registered.getPulls().getVersion();
        obey(registered.getFencedStreamsList());
        return registered.getReportIntervalMs();
    }

    /** Reports until something breaks; answers what. */
    private String report(BenchSession candidate, long intervalMs) throws InterruptedException {
        while (true) {
            String why = candidate.awaitNextReport(intervalMs);
            if (!why.isEmpty()) {
                return why;
            }
            try {
                take(candidate.stub().report(request()));
                counters.reports.increment();
            } catch (StatusRuntimeException e) {
                return "report failed: " + e.getStatus();
            }
        }
    }

    private void take(ReportResponse answer) {
        if (answer.hasGrant()) {
            grant = answer.getGrant();
        }
        if (answer.hasDefinitions()) {
            definitionsVersion = answer.getDefinitions().getVersion();
        }
        if (answer.hasPulls()) {
            pullsVersion = answer.getPulls().getVersion();
        }
        obey(answer.getFencedStreamsList());
    }

    private void obey(List<FencedStream> fenced) {
        for (FencedStream stream : fenced) {
            if (held.remove(stream.getStreamId(), stream.getEpoch())) {
                counters.fenced(id, stream);
            }
        }
    }

    private ReportRequest request() {
        figures.aSecondOn();
        ReportRequest.Builder report =
                ReportRequest.newBuilder()
                        .setWorkerId(id)
                        .setWorkerEpoch(workerEpoch)
                        .setGrantedStreams(grant.getStreams())
                        .setDefinitionsVersion(definitionsVersion)
                        .setPullsVersion(pullsVersion)
                        .setLoad(
                                WorkerLoad.newBuilder()
                                        .setStreams(held.size())
                                        .setKbps(held.size() * KBPS)
                                        .setSubscriptions(held.size() * 2)
                                        .setCpuCores(0.5));
        held.forEach((stream, epoch) ->
                report.addStreams(
                        StreamReport.newBuilder()
                                .setStreamId(stream)
                                .setEpoch(epoch)
                                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                .setStats(figures.stats())
                                .setMetadata(figures.metadata())));
        return report.build();
    }

    /**
     * Claims a stream and holds it from then on.
     *
     * @param answered is told why it is not admitted, or nothing when it is
     */
    void claim(String stream, Consumer<String> answered) {
        BenchSession now = session;
        if (now == null) {
            // A little later, as a refusal would come.
            CompletableFuture.delayedExecutor(RETRY_MIN_MS, TimeUnit.MILLISECONDS)
                    .execute(() -> answered.accept("no link"));
            return;
        }
        ClaimRequest claim =
                ClaimRequest.newBuilder()
                        .setRequestId(UUID.randomUUID().toString())
                        .setWorkerId(id)
                        .setWorkerEpoch(workerEpoch)
                        .setStreamId(stream)
                        .setProtocol(Protocol.PROTOCOL_SRT)
                        .setExpectedKbps(KBPS)
                        .setSource(SOURCE)
                        .build();
        now.async().claim(claim, new Answer<>(response -> claimed(stream, response), answered));
    }

    private String claimed(String stream, ClaimResponse response) {
        if (!response.hasAdmitted()) {
            return "rejected: " + response.getRejected();
        }
        held.put(stream, response.getAdmitted().getEpoch());
        return "";
    }

    /** Ends a stream that it holds. */
    void release(String stream, Runnable answered) {
        Long epoch = held.remove(stream);
        BenchSession now = session;
        if (epoch == null || now == null) {
            answered.run();
            return;
        }
        now.async()
                .release(
                        ReleaseRequest.newBuilder()
                                .setRequestId(UUID.randomUUID().toString())
                                .setWorkerId(id)
                                .setWorkerEpoch(workerEpoch)
                                .setStreamId(stream)
                                .setEpoch(epoch)
                                .setReason(Reason.REASON_STOPPED_BY_OPERATOR)
                                .setStats(figures.stats())
                                .build(),
                        new Answer<>(_ -> "", _ -> answered.run()));
    }

    /** One answer, on the event loop; tells what was wrong with it, or nothing. */
    private static final class Answer<T> implements StreamObserver<T> {
        private final Function<T, String> reader;
        private final Consumer<String> told;
        private String problem = "no answer";

        Answer(Function<T, String> reader, Consumer<String> told) {
            this.reader = reader;
            this.told = told;
        }

        @Override
        public void onNext(T response) {
            problem = reader.apply(response);
        }

        @Override
        public void onError(Throwable error) {
            told.accept(String.valueOf(error.getMessage()));
        }

        @Override
        public void onCompleted() {
            told.accept(problem);
        }
    }
}
