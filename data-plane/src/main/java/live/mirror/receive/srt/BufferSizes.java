package live.mirror.receive.srt;

/**
 * How much a connection has to be able to hold: what arrives during its latency and half a round
 * trip (libsrt's documentation), twice, for retransmissions and bursts.
 *
 * @param flowWindowPackets packets that may be under way
 * @param receiveBufferBytes libsrt counts each packet as 1,472 bytes, whatever is in it
 */
public record BufferSizes(int flowWindowPackets, int receiveBufferBytes) {

    private static final int CELL_BYTES = 1_500 - 28;
    private static final int MIN_PACKETS = 2_048;

    /** How many packets the latency holds at this bitrate. */
    static long packetsNeeded(long kbps, double latencyMs, double rttMs, int payloadBytes) {
        return (long) Math.ceil(kbps * (latencyMs + rttMs / 2) / (8.0 * payloadBytes));
    }

    /** Sizes for an expected bitrate, with a round trip of up to 500 ms. */
    static BufferSizes forBitrate(long kbps, int latencyMs, int payloadBytes) {
        long packets =
                Math.clamp(
                        2 * packetsNeeded(kbps, latencyMs, 500, payloadBytes),
                        MIN_PACKETS,
                        204_800);
        return new BufferSizes((int) packets, (int) packets * CELL_BYTES);
    }

    /** The receive buffer that holds so many packets. */
    static long bytesFor(long packets) {
        return packets * CELL_BYTES;
    }
}
