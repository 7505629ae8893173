package live.mirror.receive.srt;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.receive.FailureLimiter;
import live.mirror.stream.Admission;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Decides on callers from memory, in the receive thread of their port: is the source not shut out,
 * is the stream id one, does the definition allow it, does the credential fit, is there room.
 * Whoever passes is told which key it has to have. Nothing is allocated in libsrt for a caller
 * before this.
 */
final class IngestGate {

    private static final int PASS = 0;
    private static final int MAX_REMEMBERED = 1_024;
    private static final long REMEMBERED_NS = 10_000_000_000L;

    private final Admission admission;
    private final LiveStreams streams;
    private final Definitions definitions;
    private final Refusals refusals;
    private final InstantSource clock;
    private final SrtSettings settings;
    private final Passphrases passphrases;
    private final FailureLimiter limiter;
    private final PendingHandshakes pending;
    private final Floods floods;
    private final EvictionDamper damper = new EvictionDamper();
    private final ConcurrentHashMap<String, Long> unacceptable = new ConcurrentHashMap<>();
    private volatile boolean draining;

    IngestGate(
            SrtSettings settings,
            Admission admission,
            LiveStreams streams,
            Definitions definitions,
            Refusals refusals,
            InstantSource clock) {
        this.settings = settings;
        this.admission = admission;
        this.streams = streams;
        this.definitions = definitions;
        this.refusals = refusals;
        this.clock = clock;
        this.passphrases = new Passphrases(settings.encryption());
        this.pending = new PendingHandshakes(settings.guards().maxPending());
        this.floods = new Floods(System.nanoTime());
        this.limiter =
                new FailureLimiter(
                        settings.guards().failuresPerSecond(),
                        settings.guards().failureBurst(),
                        settings.guards().ban(),
                        System.nanoTime());
    }

    /** Decides for a port that stands for a stream, or for none. */
    int decide(SrtHandshake handshake, Optional<StreamId> boundTo) {
        InetSocketAddress source = handshake.peer();
        long nowNs = System.nanoTime();
        if (limiter.isBanned(source.getAddress(), nowNs)) {
            floods.refused(source.getAddress(), nowNs);
            refusals.count();
            return Reasons.srtCode(Reason.REASON_RATE_LIMITED);
        }
        PublishRequest request =
                handshake.streamIdLength() == 0 && boundTo.isPresent()
                        ? PublishRequest.ofPort(boundTo.get())
                        : PublishRequest.parse(handshake.streamId(), handshake.streamIdLength());
        return switch (judge(request, source, nowNs)) {
            case Verdict.Pass pass -> {
                grant(handshake, pass);
                pending.add(
                        handshake.attempt(), new PendingHandshakes.Pending(pass, source, nowNs));
                yield PASS;
            }
            case Verdict.Refuse refuse -> {
                floods.refused(source.getAddress(), nowNs);
                note(source, refuse, nowNs);
                yield Reasons.srtCode(refuse.reason());
            }
        };
    }

    /** What would be said to a caller now; nothing is counted. Any thread. */
    ExplainIngestResponse explain(
            String streamId, Optional<StreamId> boundTo, InetSocketAddress source) {
        long nowNs = System.nanoTime();
        PublishRequest request =
                streamId.isEmpty() && boundTo.isPresent()
                        ? PublishRequest.ofPort(boundTo.get())
                        : PublishRequest.parse(streamId);
        return Explanation.of(
                request,
                limiter.isBanned(source.getAddress(), nowNs)
                        ? new Verdict.Refuse(
                                "",
                                Reason.REASON_RATE_LIMITED,
                                "its address is shut out after too many failures")
                        : judge(request, source, nowNs));
    }

    private Verdict judge(PublishRequest request, InetSocketAddress source, long nowNs) {
        return switch (request) {
            case PublishRequest.Refused(Reason reason, String why, String read) ->
                    new Verdict.Refuse(read, reason, why);
            case PublishRequest.Publish publish -> judge(publish, source, nowNs);
        };
    }

    /** From now on everybody is told to go elsewhere. */
    void drain() {
        draining = true;
    }

    /** Takes callers again. */
    void undrain() {
        draining = false;
    }

    /** The caller was accepted; answers what it was granted. */
    Optional<PendingHandshakes.Pending> accepted(int attempt) {
        return pending.take(attempt);
    }

    /** Whether callers are between gate and accept. */
    boolean awaitsAnybody() {
        return !pending.isEmpty();
    }

    /** Whose handshakes should not get as far as this gate, if that changed. The tick's thread. */
    Optional<Set<InetAddress>> floods(long nowNs) {
        return floods.changes(nowNs);
    }

    /** Finds the handshakes that came to nothing. The tick's thread. */
    void sweep(SrtTransport transport, long nowNs) {
        pending.sweep(
                transport::fate,
                nowNs,
                lost -> {
                    String id = lost.pass().request().id().value();
                    note(
                            lost.caller(),
                            lost.pass().passphrase().isPresent()
                                    ? new Verdict.Refuse(
                                            id,
                                            Reason.REASON_UNAUTHORIZED,
                                            "wrong or missing passphrase")
                                    : new Verdict.Refuse(
                                            id,
                                            Reason.REASON_UNACCEPTABLE,
                                            "the handshake failed, for instance an unexpected key"),
                            nowNs);
                });
    }

    /** Counts the eviction that the caller's pass meant. */
    void evicted(StreamId id, long nowNs) {
        damper.evicted(id, nowNs);
    }

    /**
     * Remembers for a moment that a caller asks for what it can't have; the handshake does not show
     * it, but encoders come back at once.
     */
    void rememberUnacceptable(StreamId id, InetSocketAddress source) {
        if (unacceptable.size() >= MAX_REMEMBERED) {
            unacceptable.clear();
        }
        unacceptable.put(callerKey(id, source), System.nanoTime() + REMEMBERED_NS);
    }

    /**
     * Notes a caller that was let in and had to be sent away, with what it should have been told.
     */
    void note(InetSocketAddress source, Verdict.Refuse refuse, long nowNs) {
        switch (refuse.reason()) {
            case REASON_BAD_STREAM_ID,
                    REASON_UNAUTHORIZED,
                    REASON_FORBIDDEN,
                    REASON_NOT_DEFINED,
                    REASON_WRONG_MODE,
                    REASON_UNACCEPTABLE,
                    REASON_TOKEN_EXPIRED ->
                    limiter.failed(source.getAddress(), nowNs);
            // Encoders may ask for a place that is taken as often as they like.
            default -> {}
        }
        if (refusals.hasRoom()) {
            refusals.add(
                    new Refusals.Refusal(
                            Protocol.PROTOCOL_SRT,
                            source.getAddress().getHostAddress() + ":" + source.getPort(),
                            refuse.streamId(),
                            refuse.reason(),
                            refuse.detail(),
                            clock.millis()));
        } else {
            refusals.count();
        }
    }

    private Verdict judge(PublishRequest.Publish request, InetSocketAddress source, long nowNs) {
        String id = request.id().value();
        if (draining) {
            return new Verdict.Refuse(id, Reason.REASON_DRAINING, "this worker takes nothing new");
        }
        Long untilNs =
                unacceptable.isEmpty() ? null : unacceptable.get(callerKey(request.id(), source));
        if (untilNs != null && nowNs - untilNs < 0) {
            return new Verdict.Refuse(
                    id, Reason.REASON_UNACCEPTABLE, "the latency asked for is out of bounds");
        }
        Optional<Definition> definition = definitions.find(request.id());
        if (definition.isEmpty() && definitions.definedOnly()) {
            return new Verdict.Refuse(
                    id, Reason.REASON_NOT_DEFINED, "only defined streams are taken");
        }
        boolean keyMatched = false;
        if (definition.isPresent()) {
            Definition laidDown = definition.get();
            if (laidDown.disabled()) {
                return new Verdict.Refuse(id, Reason.REASON_DISABLED, "the stream is disabled");
            }
            if (laidDown.protocol() == Protocol.PROTOCOL_RTP) {
                return new Verdict.Refuse(
                        id, Reason.REASON_FORBIDDEN, "the stream is published by RTP");
            }
            if (laidDown.pull().isPresent()) {
                return new Verdict.Refuse(
                        id, Reason.REASON_FORBIDDEN, "the stream is fetched from its source");
            }
            if (!laidDown.publishKey().isEmpty() && !isToken(request.credential())) {
                keyMatched = same(laidDown.publishKey(), request.credential());
                if (!keyMatched) {
                    return new Verdict.Refuse(
                            id, Reason.REASON_UNAUTHORIZED, "wrong or missing publish key");
                }
            }
        }
        if (isToken(request.credential())) {
            Reason token = admission.token(request.id(), request.credential());
            if (token != Reason.REASON_UNSPECIFIED) {
                return new Verdict.Refuse(id, token, "the ingest token is not good for this");
            }
        }
        if (definition.isPresent()
                && definition.get().takeover() == Definition.Takeover.NEVER
                && streams.find(request.id()).filter(LiveStream::hasPublisher).isPresent()) {
            return new Verdict.Refuse(
                    id, Reason.REASON_ALREADY_PUBLISHING, "the stream has a publisher");
        }
        if (pending.isFull()) {
            return new Verdict.Refuse(
                    id, Reason.REASON_RATE_LIMITED, "too many handshakes at once");
        }
        Reason reason = admission.gate(request.id(), Protocol.PROTOCOL_SRT, source);
        boolean evicts =
                reason == Reason.REASON_ALREADY_PUBLISHING && mayEvict(definition, keyMatched);
        if (evicts && !damper.allows(request.id(), nowNs)) {
            return new Verdict.Refuse(
                    id, reason, "two publishers evict each other; the present one stays");
        }
        return reason == Reason.REASON_UNSPECIFIED || evicts
                ? new Verdict.Pass(
                        request,
                        definition,
                        Terms.of(definition, settings),
                        passphrases.of(request.id(), definition.orElse(null)),
                        evicts)
                : new Verdict.Refuse(id, reason, why(reason, request.id()));
    }

    /** What the reason alone does not say. */
    private String why(Reason reason, StreamId id) {
        return switch (reason) {
            case REASON_ALREADY_PUBLISHING ->
                    streams.find(id)
                            .filter(LiveStream::hasPublisher)
                            .map(live -> "its publisher is " + live.metadata().getSource())
                            .orElse("another publisher is being admitted, or was a moment ago");
            case REASON_CAPACITY -> "there is no room for another stream";
            case REASON_CONTROL_PLANE_AWAY ->
                    "the control plane is away, and what this worker may admit alone is used up";
            case REASON_DRAINING -> "this worker takes nothing new";
            default -> "as the control plane said a moment ago";
        };
    }

    private static void grant(SrtHandshake handshake, Verdict.Pass pass) {
        // Without a definition the listener's own settings, which are the same, stand already.
        if (pass.definition().isPresent()) {
            handshake.latency(pass.terms().latencyMs());
            handshake.tolerance(pass.terms().peerIdleMs(), pass.terms().reorderPackets());
            if (!pass.terms().packetFilter().isEmpty()) {
                handshake.packetFilter(pass.terms().packetFilter());
            }
            if (pass.terms().immediate()) {
                handshake.immediate();
            }
            BufferSizes sizes = pass.terms().sizes();
            handshake.sizes(sizes.flowWindowPackets(), sizes.receiveBufferBytes());
        }
        // Last: the key is the one thing that must not be missing.
        pass.passphrase()
                .ifPresent(passphrase -> handshake.encrypted(passphrase, pass.terms().keyBytes()));
    }

    private static boolean isToken(String credential) {
        return credential.startsWith(Admission.TOKEN_PREFIX);
    }

    private static boolean mayEvict(Optional<Definition> definition, boolean keyMatched) {
        return keyMatched
                && definition.isPresent()
                && definition.get().takeover() == Definition.Takeover.SAME_CREDENTIAL;
    }

    private static String callerKey(StreamId id, InetSocketAddress source) {
        return source.getAddress().getHostAddress() + " " + id;
    }

    /** Takes as long for a wrong key as for the right one. */
    private static boolean same(String expected, String shown) {
        return MessageDigest.isEqual(
                expected.getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }
}
