package live.mirror.deploy;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.FencedStream;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.RegisterResponse;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerCapacity;
import live.mirror.v1.WorkerLinkServiceGrpc;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A worker without media whose publishers come and go all the time, each for one of a few streams
 * that other workers' publishers want too. After any break it goes on at the next control plane, as
 * the data plane does. Everything that it is told goes into a history.
 */
final class Claimant implements AutoCloseable {

    private static final int PUBLISHERS = 3;
    private static final int STREAMS = 30;
    private static final long REPORT_MS = 300;
    private static final long CALL_LIMIT_MS = 1_000;
    private static final long RETRY_MS = 50;
    private static final String SOURCE = "192.0.2.1:5000";

    private final String id;
    private final List<ManagedChannel> channels;
    private final ClaimHistory history;
    private final long incarnation = ThreadLocalRandom.current().nextLong();
    private final Map<String, ClaimHistory.Holding> held = new ConcurrentHashMap<>();
    private final Queue<Ended> unsaid = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile @Nullable ManagedChannel link;
    private volatile long workerEpoch;
    private volatile boolean cut;
    private volatile boolean claiming = true;
    private volatile boolean closed;

    /** A session that is over, of which the control plane has not heard. */
    private record Ended(ClaimHistory.Holding holding, String request, boolean lost) {}

    /** Begins; asks the control planes at these addresses in turn. */
    Claimant(String id, List<String> links, int first, ClaimHistory history) {
        this.id = id;
        this.history = history;
        this.channels =
                links.stream()
                        .map(address ->
                                NettyChannelBuilder.forTarget(address).usePlaintext().build())
                        .toList();
        threads.add(Thread.ofVirtual().start(() -> keep(first)));
        for (int i = 0; i < PUBLISHERS; i++) {
            threads.add(Thread.ofVirtual().start(this::publish));
        }
    }

    String id() {
        return id;
    }

    /** Loses its connection and finds no control plane any more; its publishers go on. */
    void cut() {
        cut = true;
    }

    /** Finds one again. */
    void heal() {
        cut = false;
    }

    /** From now on publishers stay and no new ones come. */
    void settle() {
        claiming = false;
    }

    /** Whether it is registered and has told everything. */
    boolean isSettled() {
        return link != null && unsaid.isEmpty();
    }

    /** What it holds: stream to epoch. */
    Map<String, ClaimHistory.Holding> held() {
        return Map.copyOf(held);
    }

    private void keep(int first) {
        for (int turn = first; !closed; turn++) {
            ManagedChannel channel = channels.get(turn % channels.size());
            try {
                register(channel);
                link = channel;
                while (!closed && !cut) {
                    pause(REPORT_MS);
                    sayUnsaid(channel);
                    report(channel);
                }
            } catch (StatusRuntimeException e) {
                // As expected of a control plane that is killed: the next one.
            }
            link = null;
            do {
                pause(RETRY_MS);
            } while (cut && !closed);
        }
    }

    private void register(ManagedChannel channel) {
        long sentNs = System.nanoTime();
        RegisterRequest.Builder request =
                RegisterRequest.newBuilder()
                        .setWorkerId(id)
                        .setIncarnation(incarnation)
                        .setWorkerEpoch(workerEpoch)
                        .setVersion("test")
                        .setAddresses(
                                WorkerAddresses.newBuilder()
                                        .setDelivery(id + ".test:9090")
                                        .setSrt(id + ".test:30000"))
                        .setCapacity(WorkerCapacity.newBuilder().setStreams(1_000));
        held.values()
                .forEach(holding ->
                        request.addHeldStreams(
                                HeldStream.newBuilder()
                                        .setStreamId(holding.stream())
                                        .setEpoch(holding.epoch())
                                        .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                        .setProtocol(Protocol.PROTOCOL_SRT)
                                        .setReservedKbps(1_000)
                                        .setSource(SOURCE)));
        RegisterResponse response = stub(channel).register(request.build());
        workerEpoch = response.getWorkerEpoch();
        history.renewed(id, sentNs);
        obey(response.getFencedStreamsList());
    }

    private void report(ManagedChannel channel) {
        long sentNs = System.nanoTime();
        ReportRequest.Builder request =
                ReportRequest.newBuilder().setWorkerId(id).setWorkerEpoch(workerEpoch);
        held.values()
                .forEach(holding ->
                        request.addStreams(
                                StreamReport.newBuilder()
                                        .setStreamId(holding.stream())
                                        .setEpoch(holding.epoch())
                                        .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)));
        List<FencedStream> fenced = stub(channel).report(request.build()).getFencedStreamsList();
        history.renewed(id, sentNs);
        obey(fenced);
    }

    private void obey(List<FencedStream> fenced) {
        for (FencedStream stream : fenced) {
            ClaimHistory.Holding holding = held.get(stream.getStreamId());
            if (holding != null
                    && holding.epoch() == stream.getEpoch()
                    && held.remove(stream.getStreamId(), holding)) {
                holding.fenced();
            }
        }
    }

    /** A publisher after the other: some stay for a moment, some break off and return anywhere. */
    private void publish() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        while (!closed) {
            ManagedChannel channel = link;
            String stream = "cam" + random.nextInt(STREAMS);
            if (!claiming || channel == null || held.containsKey(stream)) {
                pause(RETRY_MS);
                continue;
            }
            ClaimHistory.Holding holding = claim(channel, stream);
            pause(random.nextInt(10, holding == null ? 50 : 400));
            for (channel = link; channel == null && !closed; channel = link) {
                pause(RETRY_MS);
            }
            if (channel != null && holding != null && claiming && held.remove(stream, holding)) {
                holding.released();
                unsaid.add(
                        new Ended(holding, UUID.randomUUID().toString(), random.nextInt(3) == 0));
                sayUnsaid(channel);
            }
        }
    }

    private ClaimHistory.@Nullable Holding claim(ManagedChannel channel, String stream) {
        long askedNs = System.nanoTime();
        try {
            ClaimResponse response =
                    stub(channel)
                            .claim(
                                    ClaimRequest.newBuilder()
                                            .setRequestId(UUID.randomUUID().toString())
                                            .setWorkerId(id)
                                            .setWorkerEpoch(workerEpoch)
                                            .setStreamId(stream)
                                            .setProtocol(Protocol.PROTOCOL_SRT)
                                            .setExpectedKbps(1_000)
                                            .setSource(SOURCE)
                                            .build());
            if (response.hasAdmitted()) {
                ClaimHistory.Holding holding =
                        history.admitted(stream, id, response.getAdmitted().getEpoch(), askedNs);
                held.put(stream, holding);
                return holding;
            }
        } catch (StatusRuntimeException e) {
            // Whether it was admitted, nobody knows; the reports settle it.
        }
        return null;
    }

    private ReleaseRequest release(Ended ended) {
        return ReleaseRequest.newBuilder()
                .setRequestId(ended.request)
                .setWorkerId(id)
                .setWorkerEpoch(workerEpoch)
                .setStreamId(ended.holding.stream())
                .setEpoch(ended.holding.epoch())
                .setReason(
                        ended.lost
                                ? Reason.REASON_PUBLISHER_LOST
                                : Reason.REASON_STOPPED_BY_OPERATOR)
                .build();
    }

    /** Tells of the ends that the control plane has not heard of, until one fails. */
    private void sayUnsaid(ManagedChannel channel) {
        for (Ended ended = unsaid.poll(); ended != null; ended = unsaid.poll()) {
            try {
                stub(channel).release(release(ended));
            } catch (StatusRuntimeException e) {
                unsaid.add(ended);
                return;
            }
        }
    }

    private WorkerLinkServiceGrpc.WorkerLinkServiceBlockingStub stub(ManagedChannel channel) {
        return WorkerLinkServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(CALL_LIMIT_MS, TimeUnit.MILLISECONDS);
    }

    private static void pause(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        for (Thread thread : threads) {
            thread.join();
        }
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
