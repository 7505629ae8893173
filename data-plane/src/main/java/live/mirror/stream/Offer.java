package live.mirror.stream;

import live.mirror.contract.StreamId;
import live.mirror.v1.Protocol;

/**
 * A publisher that asks to be let in.
 *
 * @param id the stream that it wants to publish
 * @param protocol how it sends
 * @param source its address, host:port
 * @param expectedKbps bitrate to reserve, in kilobits per second; 0 takes the default
 */
public record Offer(StreamId id, Protocol protocol, String source, long expectedKbps) {}
