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
 * @param credential the publish key or ingest token that it brought; empty when it brought none
 * @param pulled whether this worker has dialled it, as {@link Pulls} told
 */
public record Offer(
        StreamId id,
        Protocol protocol,
        String source,
        long expectedKbps,
        String credential,
        boolean pulled) {

    /** A publisher that came by itself. */
    public Offer(
            StreamId id, Protocol protocol, String source, long expectedKbps, String credential) {
        this(id, protocol, source, expectedKbps, credential, false);
    }

    /** Without the credential, which belongs in no log. */
    @Override
    public String toString() {
        return id + " by " + protocol + " from " + source;
    }
}
