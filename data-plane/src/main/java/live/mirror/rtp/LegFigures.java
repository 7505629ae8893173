package live.mirror.rtp;

/** What one leg of a redundant stream did (SMPTE 2022-7). Written by the session's thread. */
public final class LegFigures {

    long received;
    long lost;
    long savedByOther;
    private long skewNs;
    private long maxSkewNs;

    LegFigures() {}

    /** Takes the delay of this leg's copy behind the first copy. */
    void addSkew(long ns) {
        skewNs += (ns - skewNs) >> 4;
        maxSkewNs = Math.max(maxSkewNs, ns);
    }

    /** Different packets that it brought in time. */
    public long receivedCount() {
        return received;
    }

    /** Packets that it did not bring; known when the hold time is over. */
    public long lostCount() {
        return lost;
    }

    /** Packets that it did not bring and that were delivered all the same. */
    public long savedByOtherCount() {
        return savedByOther;
    }

    /** How far its copies come behind the other leg's, smoothed by 1/16, in microseconds. */
    public long skewUs() {
        return skewNs / 1_000;
    }

    /** The largest such distance, in microseconds. */
    public long maxSkewUs() {
        return maxSkewNs / 1_000;
    }
}
