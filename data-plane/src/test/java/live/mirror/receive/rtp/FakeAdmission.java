package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
import live.mirror.stream.Admission;
import live.mirror.stream.Decision;
import live.mirror.stream.Offer;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Admits everybody, each with the next epoch, but those whom the test has named. */
public final class FakeAdmission implements Admission {

    private final AtomicLong epochs = new AtomicLong();
    private final AtomicLong asked = new AtomicLong();
    private final Map<String, Reason> atGate = new ConcurrentHashMap<>();
    private final Map<String, Reason> atClaim = new ConcurrentHashMap<>();
    private volatile CountDownLatch claims = new CountDownLatch(0);

    void refuseAtGate(String id, Reason reason) {
        atGate.put(id, reason);
    }

    void refuseClaim(String id, Reason reason) {
        atClaim.put(id, reason);
    }

    /** Lets claims wait until the answer is counted down. */
    CountDownLatch holdClaims() {
        claims = new CountDownLatch(1);
        return claims;
    }

    /** How often the gate or a claim was asked. */
    long askedCount() {
        return asked.get();
    }

    @Override
    public Reason gate(StreamId id, Protocol protocol, InetSocketAddress source) {
        asked.incrementAndGet();
        return atGate.getOrDefault(id.value(), Reason.REASON_UNSPECIFIED);
    }

    @Override
    public Reason token(StreamId id, String token) {
        return Reason.REASON_UNAUTHORIZED;
    }

    @Override
    public Decision claim(Offer offer) {
        asked.incrementAndGet();
        try {
            if (!claims.await(10, TimeUnit.SECONDS)) {
                throw new AssertionError("a claim was held for ever");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        Reason reason = atClaim.get(offer.id().value());
        return reason == null
                ? new Decision.Admitted(epochs.incrementAndGet(), 5_000, Duration.ofSeconds(10))
                : new Decision.Rejected(reason, "the test says so");
    }
}
