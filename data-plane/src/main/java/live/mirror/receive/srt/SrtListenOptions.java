package live.mirror.receive.srt;

/**
 * What a listening port grants to those whom it accepts.
 *
 * @param latencyMs receiver's latency in milliseconds; the larger of both sides counts
 * @param flowWindowPackets packets that may be under way; decides the memory per connection, about
 *     30 bytes each
 * @param receiveBufferBytes libsrt's receive buffer per connection
 * @param udpReceiveBufferBytes asked from the system for the port
 * @param payloadBytes largest payload that is sent
 * @param peerIdleMs silence after which a connection is over, in milliseconds
 * @param reorderPackets largest tolerance for packets out of order; 0 reports each gap at once
 */
public record SrtListenOptions(
        int latencyMs,
        int flowWindowPackets,
        int receiveBufferBytes,
        int udpReceiveBufferBytes,
        int payloadBytes,
        int peerIdleMs,
        int reorderPackets) {}
