package live.mirror.stream;

import live.mirror.v1.Reason;

/** One publisher's connection, as its stream sees it. */
public interface IngestSession {

    /**
     * Asks the session to end. Any thread may call, also twice; it never blocks. The session stops
     * writing into the ring and then calls {@link Ingest#finish}.
     */
    void close(Reason reason);
}
