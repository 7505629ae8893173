package live.mirror.delivery;

import live.mirror.v1.SubscribeResponse;

/**
 * One message on its way out: an event as generated, or media that is still in the event loop's own
 * buffer. gRPC encodes it before {@code sendMessage} returns, so the buffer may be reused then.
 */
sealed interface Outgoing {

    /** Anything but media. */
    record Event(SubscribeResponse message) implements Outgoing {}

    /** Media, encoded by hand. */
    record Media(ChunkEncoder chunk) implements Outgoing {}
}
