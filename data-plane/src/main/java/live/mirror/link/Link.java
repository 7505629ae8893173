package live.mirror.link;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.stream.Admission;
import live.mirror.stream.Decision;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.stream.Refusals;
import live.mirror.stream.StreamListener;
import live.mirror.stream.StreamState;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.Room;
import live.mirror.v1.WorkerLoad;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Keeps this worker a member of the cluster. One virtual thread connects, registers and reports,
 * and begins again after any break at whichever replica answers; another sends releases. {@link
 * #gate} answers from memory.
 */
public final class Link implements Admission, StreamListener {

    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final Duration RETRY_MIN = Duration.ofMillis(50);
    private static final Duration FAREWELL = Duration.ofMillis(500);
    private static final int MAX_PENDING_RELEASES = 100_000;

    /**
     * A claim that did not lead to a session by then is forgotten; the next report tells that the
     * stream is not held.
     */
    private static final Duration CLAIM_LIFE = Duration.ofSeconds(5);

    private final LinkSettings settings;
    private final LiveStreams streams;
    private final Supplier<WorkerLoad> load;
    private final DefinitionFeed feed;
    private final Refusals refused;
    private final RefusalMemory refusals = new RefusalMemory();
    private final ConcurrentHashMap<StreamId, Long> claiming = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<StreamId, ReleaseRequest> pendingReleases =
            new ConcurrentHashMap<>();
    private final AtomicLong droppedReleases = new AtomicLong();
    private final AtomicLong registrations = new AtomicLong();
    private final Random jitter = new Random();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread releaser =
            Thread.ofVirtual().name("link-releases").unstarted(this::sendReleases);
    private @Nullable Thread keeper;

    // Written by the link's threads, read by the gate.
    private volatile @Nullable LinkSession session;
    private volatile Room room = Room.getDefaultInstance();
    private volatile boolean draining;

    /** A link that is not started yet. */
    public Link(
            LinkSettings settings,
            LiveStreams streams,
            Definitions definitions,
            Refusals refused,
            Supplier<WorkerLoad> load) {
        this.feed = new DefinitionFeed(definitions);
        this.refused = refused;
        this.settings = settings;
        this.streams = streams;
        this.load = load;
        streams.addListener(this);
    }

    /** Begins to keep the link. Until then the gate refuses everybody. */
    public void start(WorkerIdentity identity) {
        keeper = Thread.ofVirtual().name("link").start(() -> keep(identity));
        releaser.start();
    }

    /** Whether the worker is registered at a control plane that answers. */
    public boolean isUp() {
        return session != null;
    }

    /** How often the worker has registered. */
    public long registrations() {
        return registrations.get();
    }

    /** Releases that were dropped because too many waited; the next registration tells the same. */
    public long droppedReleases() {
        return droppedReleases.get();
    }

    /** Takes nothing new from now on, and says so with the next report. */
    public void drain() {
        draining = true;
    }

    /** Whether the worker takes nothing new. */
    public boolean isDraining() {
        return draining;
    }

    @Override
    public Reason gate(StreamId id, Protocol protocol, InetSocketAddress source) {
        if (draining) {
            return Reason.REASON_DRAINING;
        }
        long nowNs = System.nanoTime();
        LiveStream stream = streams.find(id).orElse(null);
        if (stream != null && !stream.isFree(nowNs)) {
            return Reason.REASON_ALREADY_PUBLISHING;
        }
        if (isClaiming(id, nowNs)) {
            return Reason.REASON_ALREADY_PUBLISHING;
        }
        if (session == null) {
            return Reason.REASON_CONTROL_PLANE_AWAY;
        }
        // A stream that waits for its publisher has its place already.
        if (stream == null && room.getStreams() <= claiming.size()) {
            return Reason.REASON_CAPACITY;
        }
        return refusals.recall(id, nowNs);
    }

    @Override
    public Decision claim(Offer offer) {
        LinkSession current = session;
        if (current == null) {
            return rejected(Reason.REASON_CONTROL_PLANE_AWAY, "the control plane can't be reached");
        }
        long nowNs = System.nanoTime();
        Long before = claiming.put(offer.id(), nowNs + CLAIM_LIFE.toNanos());
        if (before != null && nowNs - before < 0) {
            return rejected(
                    Reason.REASON_ALREADY_PUBLISHING,
                    "another publisher of this stream is being admitted");
        }
        Decision decision = rejected(Reason.REASON_INTERNAL, "the claim failed");
        try {
            decision = claim(current, offer);
            return decision;
        } finally {
            switch (decision) {
                case Decision.Admitted _ -> refusals.forget(offer.id());
                case Decision.Rejected(Reason reason, _) -> {
                    claiming.remove(offer.id());
                    refusals.remember(offer.id(), reason, System.nanoTime());
                }
            }
        }
    }

    private Decision claim(LinkSession current, Offer offer) {
        try {
            // What the stream's last session has left untold must not arrive after the claim of the
            // next one.
            ReleaseRequest untold = pendingReleases.remove(offer.id());
            if (untold != null) {
                current.release(untold);
            }
            ClaimResponse response =
                    current.claim(
                            ClaimRequest.newBuilder()
                                    .setRequestId(UUID.randomUUID().toString())
                                    .setWorkerId(current.workerId())
                                    .setWorkerEpoch(current.workerEpoch())
                                    .setStreamId(offer.id().value())
                                    .setProtocol(offer.protocol())
                                    .setExpectedKbps(offer.expectedKbps())
                                    .setSource(offer.source())
                                    .build());
            return switch (response.getDecisionCase()) {
                case ADMITTED ->
                        new Decision.Admitted(
                                response.getAdmitted().getEpoch(),
                                response.getAdmitted().getReservedKbps(),
                                Duration.ofMillis(
                                        response.getAdmitted().getReconnectPolicy().getWindowMs()));
                case REJECTED ->
                        rejected(
                                response.getRejected().getReason(),
                                response.getRejected().getDetail());
                case DECISION_NOT_SET ->
                        rejected(Reason.REASON_INTERNAL, "the control plane gave no decision");
            };
        } catch (StatusRuntimeException e) {
            return rejected(
                    Reasons.of(e).orElse(Reason.REASON_CONTROL_PLANE_AWAY),
                    "the claim failed: " + e.getStatus().getCode());
        }
    }

    @Override
    public void stateChanged(LiveStream stream, StreamState from, StreamState to, Reason reason) {
        claiming.remove(stream.id());
        switch (to) {
            case StreamState.Reconnecting(long epoch, _) -> queueRelease(stream, epoch, reason);
            case StreamState.Stopped(long epoch, Reason why) -> queueRelease(stream, epoch, why);
            case StreamState.Connecting _, StreamState.Active _ -> {}
        }
    }

    /** Ends the link: waits a moment for what has to be told, then hangs up. */
    public void close() throws InterruptedException {
        long deadlineNs = System.nanoTime() + FAREWELL.toNanos();
        synchronized (pendingReleases) {
            while (isUp() && !pendingReleases.isEmpty() && System.nanoTime() - deadlineNs < 0) {
                pendingReleases.wait(10);
            }
        }
        closed.countDown();
        releaser.interrupt();
        if (keeper != null) {
            keeper.interrupt();
            keeper.join(Duration.ofSeconds(1));
        }
    }

    private void keep(WorkerIdentity identity) {
        Iterator<HostPort> replicas = List.<HostPort>of().iterator();
        Duration pause = RETRY_MIN;
        @Nullable String lastProblem = null;
        try {
            while (closed.getCount() > 0) {
                if (!replicas.hasNext()) {
                    replicas = settings.controlPlanes().iterator();
                }
                HostPort replica = replicas.next();
                String problem = keepOne(identity, replica);
                if (problem.isEmpty()) {
                    pause = RETRY_MIN;
                    lastProblem = null;
                } else if (!problem.equals(lastProblem)) {
                    LOG.log(
                            Level.WARNING,
                            "no link to the control plane at {0}: {1}; still trying",
                            replica,
                            problem);
                    lastProblem = problem;
                }
                closed.await(
                        jitter.nextLong(pause.toMillis() / 2, pause.toMillis() + 1),
                        TimeUnit.MILLISECONDS);
                pause =
                        pause.multipliedBy(2).compareTo(settings.retryMax()) < 0
                                ? pause.multipliedBy(2)
                                : settings.retryMax();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Keeps one registration until it breaks. Answers why it never stood, or nothing when it did.
     */
    private String keepOne(WorkerIdentity identity, HostPort replica) throws InterruptedException {
        try (LinkSession candidate =
                LinkSession.connect(replica, settings, identity, streams, this)) {
            session = candidate;
            registrations.incrementAndGet();
            LOG.log(
                    Level.INFO,
                    "registered at {0} as {1}, epoch {2}",
                    replica,
                    identity.id(),
                    candidate.workerEpoch());
            String why = candidate.run(load);
            LOG.log(
                    Level.WARNING,
                    "lost the link to {0}: {1}; running streams run on",
                    replica,
                    why);
            return "";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode()
                    + (e.getStatus().getDescription() == null
                            ? ""
                            : ": " + e.getStatus().getDescription());
        } finally {
            session = null;
        }
    }

    private void sendReleases() {
        try {
            while (closed.getCount() > 0) {
                LinkSession current = session;
                Iterator<ReleaseRequest> releases = pendingReleases.values().iterator();
                while (current != null && releases.hasNext()) {
                    ReleaseRequest release = releases.next();
                    try {
                        current.release(release);
                        pendingReleases.remove(new StreamId(release.getStreamId()), release);
                    } catch (StatusRuntimeException e) {
                        // Told again after the next registration; the link's own thread says what
                        // is wrong with it.
                        current = null;
                    }
                }
                synchronized (pendingReleases) {
                    if (pendingReleases.isEmpty() || session == null) {
                        pendingReleases.wait(100);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void queueRelease(LiveStream stream, long epoch, Reason reason) {
        if (pendingReleases.size() >= MAX_PENDING_RELEASES) {
            droppedReleases.incrementAndGet();
            return;
        }
        pendingReleases.put(
                stream.id(),
                ReleaseRequest.newBuilder()
                        .setRequestId(UUID.randomUUID().toString())
                        .setStreamId(stream.id().value())
                        .setEpoch(epoch)
                        .setReason(reason)
                        .setStats(stream.stats())
                        .build());
        synchronized (pendingReleases) {
            pendingReleases.notifyAll();
        }
    }

    DefinitionFeed definitions() {
        return feed;
    }

    Refusals refused() {
        return refused;
    }

    /** Takes publishers again. */
    void undrain() {
        draining = false;
    }

    void roomIs(Room latest) {
        room = latest;
    }

    private boolean isClaiming(StreamId id, long nowNs) {
        Long untilNs = claiming.get(id);
        return untilNs != null && nowNs - untilNs < 0;
    }

    private static Decision.Rejected rejected(Reason reason, String detail) {
        return new Decision.Rejected(reason, detail);
    }
}
