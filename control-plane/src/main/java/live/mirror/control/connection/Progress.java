package live.mirror.control.connection;

/** Knows of one connection whether its peer is within a request. Used by the thread that reads. */
interface Progress {

    /**
     * Since when, by {@link System#nanoTime}, the peer has owed us the rest of a request; 0 when it
     * owes nothing. Asked before each read.
     */
    long owedSinceNs(long nowNs);

    /**
     * A piece of what the peer sends, in order.
     *
     * @return what Helidon is to read of it now; it may be empty
     */
    byte[] received(byte[] bytes, long nowNs);
}
