package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.stream.Admission;
import live.mirror.stream.Decision;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** Admits everybody, each with the next epoch, but those whom the test has named. */
final class FakeAdmission implements Admission {

    private final LiveStreams streams;
    private final AtomicLong epochs = new AtomicLong();
    private volatile String faultyId = "";
    private volatile Runnable beforeGate = () -> {};
    private final Map<String, Reason> atGate = new ConcurrentHashMap<>();
    private final Map<String, Reason> atClaim = new ConcurrentHashMap<>();

    FakeAdmission(LiveStreams streams) {
        this.streams = streams;
    }

    void refuseAtGate(String id, Reason reason) {
        atGate.put(id, reason);
    }

    /** The gate meets a fault of ours when this stream is asked for. */
    void failAtGate(String id) {
        faultyId = id;
    }

    /** The gate does this first for every caller, in the receive thread. */
    void beforeGate(Runnable work) {
        beforeGate = work;
    }

    void refuseClaim(String id, Reason reason) {
        atClaim.put(id, reason);
    }

    @Override
    public Reason gate(StreamId id, Protocol protocol, InetSocketAddress source) {
        beforeGate.run();
        if (id.value().equals(faultyId)) {
            throw new IllegalStateException("a fault in the gate");
        }
        boolean taken =
                streams.find(id).filter(stream -> !stream.isFree(System.nanoTime())).isPresent();
        return taken
                ? Reason.REASON_ALREADY_PUBLISHING
                : atGate.getOrDefault(id.value(), Reason.REASON_UNSPECIFIED);
    }

    @Override
    public Reason token(StreamId id, String token) {
        return Reason.REASON_UNAUTHORIZED;
    }

    @Override
    public Decision claim(Offer offer) {
        Reason reason = atClaim.get(offer.id().value());
        return reason == null
                ? new Decision.Admitted(epochs.incrementAndGet(), 5_000, Duration.ofSeconds(10))
                : new Decision.Rejected(reason, "the test says so");
    }
}
