package live.mirror.rtp;

/**
 * Interarrival jitter as in RFC 3550 appendix A.8, in whole numbers. Arrival times are turned into
 * the payload's clock by difference to the first packet, so that nothing overflows in years.
 */
public final class Jitter {

    private final int clockRate;
    private boolean started;
    private long firstArrivalNs;
    private int lastTransit;
    private long scaled;

    /**
     * Begins without a packet.
     *
     * @param clockRate ticks of the RTP timestamp per second
     */
    public Jitter(int clockRate) {
        this.clockRate = clockRate;
    }

    /** Takes the next packet in the order of arrival. */
    public void add(int timestamp, long arrivalNs) {
        if (!started) {
            firstArrivalNs = arrivalNs;
        }
        int transit = toTicks(arrivalNs - firstArrivalNs) - timestamp;
        if (started) {
            // The 32-bit difference is right across a wrap of either clock.
            long d = Math.abs((long) (transit - lastTransit));
            // A.8: J += (1/16) (|D| - J), scaled by 16 with rounding.
            scaled += d - ((scaled + 8) >> 4);
        }
        started = true;
        lastTransit = transit;
    }

    /** Forgets the last packet but keeps the estimate: after a restart of the source. */
    public void restart() {
        started = false;
    }

    /** The estimate in ticks, as a receiver report carries it. */
    public int ticks() {
        return (int) Math.min(scaled >> 4, 0xffff_ffffL);
    }

    /** The estimate in microseconds. */
    public long micros() {
        return (scaled >> 4) * 1_000_000 / clockRate;
    }

    private int toTicks(long ns) {
        // Whole seconds and the rest apart: ns times the clock rate would overflow after days.
        return (int)
                (ns / 1_000_000_000 * clockRate + ns % 1_000_000_000 * clockRate / 1_000_000_000);
    }
}
