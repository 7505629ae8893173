package live.mirror.stream;

import live.mirror.contract.StreamId;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;

/**
 * Decides on publishers, in two steps: at the gate from memory, and by a claim at the control
 * plane.
 */
public interface Admission {

    /**
     * The first characters of every ingest token; what else a publisher brings as its credential is
     * a publish key.
     */
    String TOKEN_PREFIX = "mt1.";

    /**
     * Whether a publisher may come in as far as this worker can tell alone. Runs in libsrt's listen
     * callback, where every microsecond delays all streams of the port: it looks into memory,
     * allocates nothing, takes no lock and never blocks.
     *
     * @return REASON_UNSPECIFIED to let pass, otherwise why not
     */
    Reason gate(StreamId id, Protocol protocol, InetSocketAddress source);

    /**
     * Whether an ingest token allows its bearer to publish this stream here, now. Verifies the
     * signature offline; as {@link #gate} it never blocks.
     *
     * @return REASON_UNSPECIFIED when it does, otherwise why not
     */
    Reason token(StreamId id, String token);

    /**
     * Asks for the right to ingest. Blocks the calling virtual thread, at most as long as the
     * link's deadline. An admitted claim obliges the caller to {@link LiveStreams#begin}.
     */
    Decision claim(Offer offer);
}
