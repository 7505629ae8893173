package live.mirror.receive.srt;

/**
 * How a remote listener is called.
 *
 * @param streamId empty sends none
 * @param passphrase empty calls in the clear
 * @param latencyMs receiver's latency in milliseconds
 * @param connectTimeoutMs how long the other side may take to answer, in milliseconds
 * @param peerIdleMs silence after which the connection is over, in milliseconds
 */
public record SrtCallOptions(
        String streamId, String passphrase, int latencyMs, int connectTimeoutMs, int peerIdleMs) {}
