package live.mirror.receive;

import java.net.InetAddress;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Shuts out sources that fail too often. Each failure costs; a source whose debt exceeds the burst
 * is banned for a while. Successes cost nothing, so a hundred encoders behind one address may come
 * at once. Lock-free and of fixed size: sources share a slot by chance only, since the hash is
 * salted at the start. IPv6 sources count by their /64.
 *
 * <p>Each slot is a leaky bucket as one number: the moment at which the debt is paid (the generic
 * cell rate algorithm).
 */
public final class FailureLimiter {

    private static final int SLOTS = 1 << 14;

    private final long costNs;
    private final long burstNs;
    private final long banNs;
    private final int salt = new SplittableRandom().nextInt();
    private final AtomicLongArray paidAtNs = new AtomicLongArray(SLOTS);
    private final AtomicLongArray bannedUntilNs = new AtomicLongArray(SLOTS);
    private final long originNs;

    /**
     * A limiter in which everybody is free of debt.
     *
     * @param perSecond failures that are forgiven each second
     * @param burst failures that are allowed at once
     * @param ban how long a source is shut out when it exceeds them
     * @param nowNs the clock's time now
     */
    public FailureLimiter(int perSecond, int burst, Duration ban, long nowNs) {
        costNs = 1_000_000_000L / perSecond;
        burstNs = costNs * burst;
        banNs = ban.toNanos();
        // Slots hold times since then, so that zero means long ago.
        originNs = nowNs - burstNs - banNs;
    }

    /** Whether a source is shut out now. */
    public boolean isBanned(InetAddress source, long nowNs) {
        return bannedUntilNs.get(slot(source)) > nowNs - originNs;
    }

    /** Counts a failure; answers whether it led to a ban. */
    public boolean failed(InetAddress source, long nowNs) {
        int slot = slot(source);
        long now = nowNs - originNs;
        long paidAt = paidAtNs.accumulateAndGet(slot, now, (old, at) -> Math.max(old, at) + costNs);
        if (paidAt - now <= burstNs || bannedUntilNs.get(slot) > now) {
            return false;
        }
        bannedUntilNs.set(slot, now + banNs);
        return true;
    }

    /** Takes a failure back that turned out to be none. */
    public void forgiven(InetAddress source) {
        paidAtNs.addAndGet(slot(source), -costNs);
    }

    private int slot(InetAddress source) {
        byte[] address = source.getAddress();
        int hash = salt;
        // A subscriber line has a whole /64 to choose from.
        for (int i = 0; i < Math.min(address.length, 8); i++) {
            hash = (hash ^ address[i]) * 0x01000193;
        }
        return (hash ^ (hash >>> 15)) & (SLOTS - 1);
    }
}
