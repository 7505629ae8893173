package live.mirror.stream;

/**
 * Bitrate over a sliding window: total bytes are sampled about once a second, and the bitrate is
 * what came between the oldest and the newest sample. Used by one thread.
 */
final class BitrateWindow {

    private final long[] atNs;
    private final long[] bytes;
    private int count;
    private int newest = -1;

    /** Keeps so many samples; the window spans one second less. */
    BitrateWindow(int samples) {
        atNs = new long[samples];
        bytes = new long[samples];
    }

    void sample(long nowNs, long totalBytes) {
        newest = (newest + 1) % atNs.length;
        atNs[newest] = nowNs;
        bytes[newest] = totalBytes;
        count = Math.min(count + 1, atNs.length);
    }

    /** Bits per second; 0 until there are two samples. */
    long bitrateBps() {
        if (count < 2) {
            return 0;
        }
        int oldest = Math.floorMod(newest - count + 1, atNs.length);
        long spanNs = atNs[newest] - atNs[oldest];
        return spanNs <= 0 ? 0 : Math.round((bytes[newest] - bytes[oldest]) * 8e9 / spanNs);
    }
}
