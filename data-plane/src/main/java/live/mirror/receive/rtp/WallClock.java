package live.mirror.receive.rtp;

import java.time.Instant;
import java.time.InstantSource;

/**
 * Turns kernel time stamps, which are of the system clock, into the monotonic time that everything
 * here is reckoned in, and back for the ring. The tick thread compares the clocks a few times a
 * second; a step of the system clock shifts arrival times for that long and nothing else.
 */
final class WallClock {

    /** A datagram older than this was not stamped by the clock that we know. */
    private static final long MAX_AGE_NS = 10_000_000_000L;

    private final InstantSource clock;

    // Written by the tick thread, read by sessions.
    private volatile long offsetNs;

    WallClock(InstantSource clock) {
        this.clock = clock;
        compare(System.nanoTime());
    }

    /** Compares the clocks. */
    void compare(long nowNs) {
        Instant now = clock.instant();
        offsetNs = now.getEpochSecond() * 1_000_000_000 + now.getNano() - nowNs;
    }

    /** When a datagram arrived by {@link System#nanoTime}, from the kernel's stamp of it. */
    long monotonic(long stampNs, long nowNs) {
        long ageNs = nowNs + offsetNs - stampNs;
        return stampNs == 0 || ageNs < 0 || ageNs > MAX_AGE_NS ? nowNs : nowNs - ageNs;
    }

    /** The same instant in microseconds since the Unix epoch. */
    long unixUs(long monotonicNs) {
        return (monotonicNs + offsetNs) / 1_000;
    }
}
