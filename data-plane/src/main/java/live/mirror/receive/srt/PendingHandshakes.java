package live.mirror.receive.srt;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/**
 * Callers that passed the gate and were not accepted yet. libsrt looks at the key after the gate
 * and tells nobody when it is wrong, so a handshake that came to nothing is found here. Bounded.
 * Gate threads add, the tick's takes.
 */
final class PendingHandshakes {

    private static final Duration LIFE = Duration.ofSeconds(3);

    private final int max;
    private final Map<Integer, Pending> byAttempt = new ConcurrentHashMap<>();

    /**
     * One of them.
     *
     * @param pass what the gate said
     * @param caller its address; several callers may share one
     * @param sinceNs when it passed
     */
    record Pending(Verdict.Pass pass, InetSocketAddress caller, long sinceNs) {}

    PendingHandshakes(int max) {
        this.max = max;
    }

    boolean isFull() {
        return byAttempt.size() >= max;
    }

    boolean isEmpty() {
        return byAttempt.isEmpty();
    }

    void add(int attempt, Pending pending) {
        byAttempt.put(attempt, pending);
    }

    /** The caller is accepted. */
    Optional<Pending> take(int attempt) {
        return Optional.ofNullable(byAttempt.remove(attempt));
    }

    /** Forgets those that left, and hands over those that came to nothing. */
    void sweep(IntFunction<SrtTransport.Fate> fates, long nowNs, Consumer<Pending> failed) {
        byAttempt.forEach((attempt, pending) -> {
            SrtTransport.Fate fate = fates.apply(attempt);
            boolean over = nowNs - pending.sinceNs() > LIFE.toNanos();
            if (fate == SrtTransport.Fate.LEFT) {
                byAttempt.remove(attempt, pending);
            } else if ((over || fate == SrtTransport.Fate.FAILED)
                    && byAttempt.remove(attempt, pending)) {
                failed.accept(pending);
            }
        });
    }
}
