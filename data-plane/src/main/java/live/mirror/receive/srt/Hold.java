package live.mirror.receive.srt;

/**
 * For how long the newest packets of a paced connection stay in libsrt's buffer. Its thread that
 * times them sleeps as long as one is there to be read; emptied, it wakes for the next packet and
 * again for the one after, which costs more than the reading. So two packets' time are left, where
 * that is no more than {@link #MOST_US}: slower streams would pay with their delay. The tick's
 * thread.
 */
final class Hold {

    /** At rates of some 1,000 packets a second and more, this is several packets. */
    static final long LEAST_US = 2_000;

    /** With the tick's interval on top, it is what a packet may come late. */
    static final long MOST_US = 5_000;

    private static final long SECOND_NS = 1_000_000_000;

    private long us = LEAST_US;
    private long packetsThen;
    private long secondBeganNs;

    /** What was due for less may stay where it is until the next look. */
    long us() {
        return us;
    }

    /** Follows the rate, once a second, from the packets that have come so far. */
    void follow(long packets, long nowNs) {
        long spanNs = nowNs - secondBeganNs;
        if (spanNs < SECOND_NS) {
            return;
        }
        if (secondBeganNs != 0) {
            us = at((packets - packetsThen) * SECOND_NS / spanNs);
        }
        secondBeganNs = nowNs;
        packetsThen = packets;
    }

    /** For a rate of so many packets a second. */
    static long at(long packetsPerSecond) {
        long twoPacketsUs = packetsPerSecond > 0 ? 2_000_000 / packetsPerSecond : Long.MAX_VALUE;
        return twoPacketsUs > MOST_US ? LEAST_US : Math.max(twoPacketsUs, LEAST_US);
    }
}
