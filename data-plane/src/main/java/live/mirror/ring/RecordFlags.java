package live.mirror.ring;

/** What a record may say about its payload, as bits. */
public final class RecordFlags {

    /** A decoder can begin with a picture in this payload, once it has the tables. */
    public static final int RANDOM_ACCESS = 1;

    /** The tables that a decoder needs first (MPEG-TS: the PAT) begin in this payload. */
    public static final int TABLES = 1 << 1;

    /** Where one payload ends and the next begins matters: RTP. */
    public static final int EDGES = 1 << 2;

    /** Packets were lost on the way from the publisher, right before this one. */
    public static final int AFTER_LOSS = 1 << 3;

    /** The source restarted inside its session, right before this payload. */
    public static final int SOURCE_RESTART = 1 << 4;

    /** Media do not go on where they left off. */
    static final int BREAK = AFTER_LOSS | SOURCE_RESTART;

    /** No payload: fills the end of the memory. */
    static final int PADDING = 1 << 31;

    private RecordFlags() {}
}
