package live.mirror.receive.srt;

/**
 * How a remote listener is called.
 *
 * @param streamId empty sends none
 * @param passphrase empty calls in the clear
 * @param keyBytes length of the key: 16, 24 or 32; 0 takes the library's default
 * @param latencyMs receiver's latency in milliseconds
 * @param immediate whether packets are handed on as soon as they are in order
 * @param sizes of the connection
 * @param connectTimeoutMs how long the other side may take to answer, in milliseconds
 * @param peerIdleMs silence after which the connection is over, in milliseconds
 * @param reorderPackets how far packets may come out of order before a gap is reported
 * @param packetFilter to agree on with the other side; empty takes the other side's
 */
public record SrtCallOptions(
        String streamId,
        String passphrase,
        int keyBytes,
        int latencyMs,
        boolean immediate,
        BufferSizes sizes,
        int connectTimeoutMs,
        int peerIdleMs,
        int reorderPackets,
        String packetFilter) {

    /** A call for 10 Mb/s in the clear, at 120 ms. */
    public static SrtCallOptions of(String streamId) {
        return new SrtCallOptions(
                streamId,
                "",
                0,
                120,
                false,
                BufferSizes.forBitrate(10_000, 120, 1_316),
                3_000,
                5_000,
                0,
                "");
    }
}
