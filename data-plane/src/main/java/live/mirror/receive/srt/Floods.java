package live.mirror.receive.srt;

import live.mirror.receive.FailureLimiter;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Sources that are refused far more often than any number of encoders would be. To say no costs
 * libsrt 24 KiB for some seconds and its receive thread 100 µs, so the kernel drops their
 * handshakes for a while; the streams that they publish go on. The gates' threads note, the tick's
 * takes.
 */
final class Floods {

    static final int REFUSALS_PER_SECOND = 100;
    static final int BURST = 500;

    /** How long a source is not heard. */
    static final Duration LENGTH = Duration.ofSeconds(10);

    /** What has room in the kernel's filter. */
    private static final int MAX_SOURCES = 24;

    private final FailureLimiter limiter;
    private final ConcurrentHashMap<InetAddress, Long> untilNs = new ConcurrentHashMap<>();
    private volatile boolean changed;

    Floods(long nowNs) {
        limiter = new FailureLimiter(REFUSALS_PER_SECOND, BURST, LENGTH, nowNs);
    }

    /** Notes a refusal for whatever reason. */
    void refused(InetAddress source, long nowNs) {
        if (limiter.failed(source, nowNs) && untilNs.size() < MAX_SOURCES) {
            untilNs.put(source, nowNs + LENGTH.toNanos());
            changed = true;
        }
    }

    /** Who is not to be heard from now on, if that changed. */
    Optional<Set<InetAddress>> changes(long nowNs) {
        if (untilNs.values().removeIf(until -> nowNs - until >= 0)) {
            changed = true;
        }
        if (!changed) {
            return Optional.empty();
        }
        changed = false;
        return Optional.of(Set.copyOf(untilNs.keySet()));
    }
}
