package live.mirror.link;

import live.mirror.contract.StreamId;
import live.mirror.v1.Reason;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers for a few seconds which claims were refused. libsrt can't tell a code after the
 * handshake; encoders come back at once, and then the gate knows the code and the claim need not be
 * made again.
 */
final class RefusalMemory {

    static final Duration KEPT = Duration.ofSeconds(3);
    private static final int MAX_ENTRIES = 4096;

    private final ConcurrentHashMap<StreamId, Refusal> refusals = new ConcurrentHashMap<>();

    private record Refusal(Reason reason, long untilNs) {}

    void remember(StreamId id, Reason reason, long nowNs) {
        if (refusals.size() >= MAX_ENTRIES) {
            refusals.values().removeIf(refusal -> nowNs - refusal.untilNs >= 0);
        }
        if (refusals.size() < MAX_ENTRIES) {
            refusals.put(id, new Refusal(reason, nowNs + KEPT.toNanos()));
        }
    }

    void forget(StreamId id) {
        refusals.remove(id);
    }

    /** Why the stream was refused a moment ago, or REASON_UNSPECIFIED. Allocates nothing. */
    Reason recall(StreamId id, long nowNs) {
        Refusal refusal = refusals.get(id);
        return refusal != null && nowNs - refusal.untilNs < 0
                ? refusal.reason
                : Reason.REASON_UNSPECIFIED;
    }
}
