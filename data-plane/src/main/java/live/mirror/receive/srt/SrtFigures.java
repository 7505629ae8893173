package live.mirror.receive.srt;

/**
 * What a connection's receiving side tells of itself. Totals only grow; whoever wants a rate
 * subtracts.
 *
 * @param packets data packets that arrived, with those sent again
 * @param uniquePackets packets that arrived for the first time
 * @param bytes bytes that arrived, with 44 bytes of headers per packet
 * @param uniqueBytes the same without what was sent again
 * @param lostPackets found missing by sequence number, repaired later or not
 * @param lostBytes estimated size of what was found missing
 * @param droppedPackets given up: never delivered
 * @param droppedBytes estimated size of what was given up
 * @param retransmittedPackets sent again by the publisher
 * @param undecryptedPackets came but could not be decrypted
 * @param undecryptedBytes size of what could not be decrypted
 * @param acknowledgements ACKs sent
 * @param negativeAcknowledgements NAKs sent
 * @param belatedPackets arrived too late to be delivered; counted since the connection began
 * @param belatedMs how late they were on average, in milliseconds
 * @param filterExtraPackets overhead of the packet filter (FEC)
 * @param filterSuppliedPackets rebuilt by the packet filter
 * @param filterLostPackets losses that the packet filter could not repair
 * @param rttMs round-trip time now, in milliseconds
 * @param bandwidthMbps the link's capacity as estimated from probe pairs; inaccurate
 * @param bufferedPackets received and not read yet
 * @param bufferedBytes the same in bytes
 * @param bufferedMs the same in milliseconds of media
 * @param freeBufferBytes room left in the receive buffer
 * @param latencyMs the agreed latency
 * @param reorderTolerancePackets how many packets it waits before it reports a gap
 * @param reorderDistancePackets largest distance by which packets came out of order
 * @param connectedMs time since the connection began, in milliseconds
 */
public record SrtFigures(
        long packets,
        long uniquePackets,
        long bytes,
        long uniqueBytes,
        long lostPackets,
        long lostBytes,
        long droppedPackets,
        long droppedBytes,
        long retransmittedPackets,
        long undecryptedPackets,
        long undecryptedBytes,
        long acknowledgements,
        long negativeAcknowledgements,
        long belatedPackets,
        double belatedMs,
        long filterExtraPackets,
        long filterSuppliedPackets,
        long filterLostPackets,
        double rttMs,
        double bandwidthMbps,
        int bufferedPackets,
        int bufferedBytes,
        int bufferedMs,
        int freeBufferBytes,
        int latencyMs,
        int reorderTolerancePackets,
        int reorderDistancePackets,
        long connectedMs) {}
