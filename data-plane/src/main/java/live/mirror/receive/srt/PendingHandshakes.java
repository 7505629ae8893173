package live.mirror.receive.srt;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.IntPredicate;

/**
 * Callers that passed the gate and were not accepted yet. libsrt looks at the key after the gate
 * and tells nobody when it is wrong, so a handshake that came to nothing is found here. Bounded.
 * Gate threads add, the tick's takes.
 */
final class PendingHandshakes {

    private static final Duration LIFE = Duration.ofSeconds(3);

    private final int max;
    private final Map<InetSocketAddress, Pending> byCaller = new ConcurrentHashMap<>();

    /**
     * One of them.
     *
     * @param pass what the gate said
     * @param attempt the transport's name for it
     * @param sinceNs when it passed
     */
    record Pending(Verdict.Pass pass, int attempt, long sinceNs) {}

    PendingHandshakes(int max) {
        this.max = max;
    }

    boolean isFull() {
        return byCaller.size() >= max;
    }

    boolean isEmpty() {
        return byCaller.isEmpty();
    }

    void add(InetSocketAddress caller, Pending pending) {
        byCaller.put(caller, pending);
    }

    /** The caller is accepted. */
    Optional<Pending> take(InetSocketAddress caller) {
        return Optional.ofNullable(byCaller.remove(caller));
    }

    /** Hands over those that came to nothing. */
    void sweep(IntPredicate failed, long nowNs, BiConsumer<InetSocketAddress, Pending> lost) {
        byCaller.forEach((caller, pending) -> {
            boolean over =
                    nowNs - pending.sinceNs() > LIFE.toNanos() || failed.test(pending.attempt());
            if (over && byCaller.remove(caller, pending)) {
                lost.accept(caller, pending);
            }
        });
    }
}
