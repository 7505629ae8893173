package live.mirror.stream;

import live.mirror.v1.Reason;

/** One publisher's connection, as its stream sees it. */
public interface IngestSession {

    /**
     * Asks the session to end. Any thread may call, also twice; it never blocks. The session stops
     * writing into the ring and then calls {@link Ingest#finish}.
     */
    void close(Reason reason);

    /**
     * Whether another publisher may have this session's place at once, because its own is gone or
     * silent. Called in the gate: never blocks.
     */
    default boolean yields(long nowNs) {
        return false;
    }
}
