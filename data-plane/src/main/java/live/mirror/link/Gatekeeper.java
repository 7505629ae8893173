package live.mirror.link;

import com.google.protobuf.ByteString;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Credentials;
import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.stream.Admission;
import live.mirror.stream.Decision;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.IngestToken;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.Room;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decides on publishers: at the gate from what the control plane told last, then by a claim there;
 * and while nobody can decide there, alone, within what was granted before. A publisher that comes
 * back to a stream of this worker is let in without a grant, since it has its place.
 */
final class Gatekeeper implements Admission {

    /**
     * A claim that did not lead to a session by then is forgotten; the next report tells that the
     * stream is not held.
     */
    private static final Duration CLAIM_LIFE = Duration.ofSeconds(5);

    private final Membership membership;
    private final LiveStreams streams;
    private final Releases releases;
    private final IngestTokens tokens;
    private final RefusalMemory refused = new RefusalMemory();
    private final ConcurrentHashMap<StreamId, Long> claiming = new ConcurrentHashMap<>();
    private final LongAdder admittedAlone = new LongAdder();

    /**
     * Claims under way at one time. The control plane's host ends a connection that opens more than
     * 48 streams, and the whole link with it; a thousand publishers that come back at once wait
     * their turn here, some hundred milliseconds.
     */
    private final Semaphore claimsAtOnce = new Semaphore(16, true);

    Gatekeeper(Membership membership, LiveStreams streams, Releases releases, IngestTokens tokens) {
        this.membership = membership;
        this.streams = streams;
        this.releases = releases;
        this.tokens = tokens;
    }

    @Override
    public Reason gate(StreamId id, Protocol protocol, InetSocketAddress source) {
        if (membership.draining()) {
            return Reason.REASON_DRAINING;
        }
        long nowNs = System.nanoTime();
        LiveStream stream = streams.find(id).orElse(null);
        if ((stream != null && !stream.isFree(nowNs)) || isClaiming(id, nowNs)) {
            return Reason.REASON_ALREADY_PUBLISHING;
        }
        // A stream that waits for its publisher has its place already.
        if (stream == null) {
            if (!streams.hasRingFor(id, 0)) {
                return Reason.REASON_CAPACITY;
            }
            if (membership.session() == null) {
                return membership.grant().streams(nowNs) > 0
                        ? Reason.REASON_UNSPECIFIED
                        : Reason.REASON_CONTROL_PLANE_AWAY;
            }
            if (isFull(membership.room(), id)) {
                return Reason.REASON_CAPACITY;
            }
        }
        return refused.recall(id, nowNs);
    }

    @Override
    public Reason token(StreamId id, String token) {
        return tokens.verify(id, token);
    }

    @Override
    public Decision claim(Offer offer) {
        long nowNs = System.nanoTime();
        Long before = claiming.put(offer.id(), nowNs + CLAIM_LIFE.toNanos());
        if (before != null && nowNs - before < 0) {
            return new Decision.Rejected(
                    Reason.REASON_ALREADY_PUBLISHING,
                    "another publisher of this stream is being admitted");
        }
        Decision decision = new Decision.Rejected(Reason.REASON_INTERNAL, "the claim failed");
        try {
            decision = decide(offer);
            return decision;
        } finally {
            switch (decision) {
                case Decision.Admitted _ -> {
                    refused.forget(offer.id());
                    tokens.spend(offer.credential());
                }
                case Decision.Rejected(Reason reason, _) -> {
                    claiming.remove(offer.id());
                    // Whether the worker drains, the gate knows by itself, and when it is over.
                    if (reason != Reason.REASON_DRAINING) {
                        refused.remember(offer.id(), reason, System.nanoTime());
                    }
                }
            }
        }
    }

    /** The claim has led to a session, or its stream has ended. */
    void settled(StreamId id) {
        claiming.remove(id);
    }

    /** How many publishers were let in without the control plane. */
    long admittedAlone() {
        return admittedAlone.sum();
    }

    private Decision decide(Offer offer) {
        if (!streams.hasRingFor(offer.id(), offer.expectedKbps())) {
            return new Decision.Rejected(
                    Reason.REASON_CAPACITY, "the memory of this worker's rings is taken");
        }
        LinkSession session = membership.session();
        if (session == null) {
            return alone(offer, "the control plane can't be reached");
        }
        Decision decision = ask(session, offer);
        if (decision instanceof Decision.Rejected(Reason reason, String detail)
                && (reason == Reason.REASON_CONTROL_PLANE_AWAY
                        || reason == Reason.REASON_REGISTRY_AWAY)) {
            Decision own = alone(offer, detail);
            if (own instanceof Decision.Admitted) {
                session.breakOff("a stream was admitted alone and has to be told");
            }
            return own;
        }
        return decision;
    }

    private Decision alone(Offer offer, String why) {
        LiveStream own = streams.find(offer.id()).orElse(null);
        OptionalLong epoch =
                own == null
                        ? membership.grant().take(System.nanoTime())
                        : OptionalLong.of(membership.grant().epochAfter(own.state().epoch()));
        if (epoch.isEmpty()) {
            return new Decision.Rejected(Reason.REASON_CONTROL_PLANE_AWAY, why);
        }
        admittedAlone.increment();
        return new Decision.Admitted(
                epoch.getAsLong(), offer.expectedKbps(), membership.reconnectWindow());
    }

    private Decision ask(LinkSession session, Offer offer) {
        try {
            ClaimResponse response = inTurn(session, offer);
            return switch (response.getDecisionCase()) {
                case ADMITTED ->
                        new Decision.Admitted(
                                response.getAdmitted().getEpoch(),
                                response.getAdmitted().getReservedKbps(),
                                Duration.ofMillis(
                                        response.getAdmitted().getReconnectPolicy().getWindowMs()));
                case REJECTED ->
                        new Decision.Rejected(
                                response.getRejected().getReason(),
                                response.getRejected().getDetail());
                case DECISION_NOT_SET ->
                        new Decision.Rejected(
                                Reason.REASON_INTERNAL, "the control plane gave no decision");
            };
        } catch (StatusRuntimeException e) {
            return new Decision.Rejected(
                    Reasons.of(e).orElse(Reason.REASON_CONTROL_PLANE_AWAY),
                    "the claim failed: " + e.getStatus().getCode());
        }
    }

    private ClaimResponse inTurn(LinkSession session, Offer offer) {
        claimsAtOnce.acquireUninterruptibly();
        try {
            releases.sendFirst(session, offer.id());
            return session.claim(request(session, offer));
        } finally {
            claimsAtOnce.release();
        }
    }

    private ClaimRequest request(LinkSession session, Offer offer) {
        ClaimRequest.Builder request =
                ClaimRequest.newBuilder()
                        .setRequestId(UUID.randomUUID().toString())
                        .setWorkerId(session.workerId())
                        .setWorkerEpoch(session.workerEpoch())
                        .setStreamId(offer.id().value())
                        .setProtocol(offer.protocol())
                        .setExpectedKbps(offer.expectedKbps())
                        .setSource(offer.source())
                        .setPulled(offer.pulled());
        if (offer.credential().startsWith(TOKEN_PREFIX)) {
            // The gate has verified it; one that does not parse here has no id and is refused
            // there.
            ByteString id =
                    tokens.signed(offer.credential())
                            .map(IngestToken::getTokenId)
                            .orElse(ByteString.EMPTY);
            request.setTokenId(id);
        } else {
            request.setCredentialId(Credentials.id(offer.credential()));
        }
        return request.build();
    }

    /** What is being claimed counts already. Who kept its places may return. */
    private boolean isFull(Room room, StreamId id) {
        boolean full =
                room.getStreams() <= claiming.size()
                        || (room.getKbpsLimited() && room.getKbps() <= 0);
        return full && !room.getReturningStreamsList().contains(id.value());
    }

    private boolean isClaiming(StreamId id, long nowNs) {
        Long untilNs = claiming.get(id);
        return untilNs != null && nowNs - untilNs < 0;
    }
}
