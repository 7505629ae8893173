package live.mirror.receive.srt;

import java.net.InetSocketAddress;

/**
 * An implementation of SRT, as much of it as an ingest tier needs. Connections never block: one
 * thread polls, and each connection is read by one thread of its own.
 */
public interface SrtTransport extends AutoCloseable {

    /** What the library can do, found out by trying. */
    SrtCapabilities capabilities();

    /** What became of a handshake that the gate let pass. */
    enum Fate {
        /** It goes on, or waits to be accepted. */
        UNDER_WAY,
        /** It came to nothing, for instance because the caller has a wrong passphrase. */
        FAILED,
        /** The caller connected, and left before it was accepted. */
        LEFT
    }

    /**
     * What became of a handshake that the gate let pass and that is not accepted yet. Any thread.
     *
     * @param attempt from {@link SrtHandshake#attempt}
     */
    Fate fate(int attempt);

    /**
     * Listens on a UDP port.
     *
     * @param at port 0 lets the system choose
     * @param gate decides on each handshake
     */
    SrtListener listen(InetSocketAddress at, SrtListenOptions options, SrtGate gate);

    /**
     * Calls a remote listener. Blocks, so it is for platform threads.
     *
     * @throws SrtException when the peer refuses or does not answer
     */
    SrtConnection call(InetSocketAddress to, SrtCallOptions options);

    /** Gives memory that closed connections have left back to the system. Any thread. */
    void trim();

    /** Reads from a connection, or accepts from a listener; called in the polling thread. */
    @FunctionalInterface
    interface Reader {

        /**
         * Reads until {@link SrtConnection#readable} says no, or answers true: it left something
         * and is to be called with the next {@link #poll} again.
         */
        boolean read();
    }

    /**
     * From the next {@link #poll} on, calls the reader while a caller waits to be accepted. Any
     * thread.
     */
    void watch(SrtListener listener, Reader reader);

    /**
     * From the next {@link #poll} on, calls the reader whenever the connection has got something to
     * read or is broken. Any thread.
     */
    void watch(SrtConnection connection, Reader reader);

    /** Calls the reader of a watched connection with the next {@link #poll}. Any thread. */
    void look(SrtConnection connection);

    /**
     * Looks once, without waiting, who can be read or accepted, and runs what was given for them.
     * One thread only.
     */
    void poll();

    /**
     * Gives everything back, also what is still open. Nothing of this transport may be used any
     * more.
     */
    @Override
    void close();
}
