package live.mirror.stream;

import live.mirror.v1.Reason;

import java.time.Duration;

/** What became of an {@link Offer}. */
public sealed interface Decision {

    /**
     * The worker may ingest the stream.
     *
     * @param epoch goes with everything told of the session
     * @param reservedKbps the bitrate reserved, in kilobits per second
     * @param reconnectWindow how long the stream waits for its publisher to come back
     */
    record Admitted(long epoch, long reservedKbps, Duration reconnectWindow) implements Decision {}

    /**
     * It may not.
     *
     * @param reason knows its SRT, gRPC and HTTP codes
     * @param detail one sentence for people
     */
    record Rejected(Reason reason, String detail) implements Decision {}
}
