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

    /**
     * From the next {@link #poll} on, runs {@code ready} while a caller waits to be accepted. Any
     * thread.
     */
    void watch(SrtListener listener, Runnable ready);

    /**
     * From the next {@link #poll} on, runs {@code ready} whenever the connection has something to
     * read or is broken. A connection that was reported has to be read until {@link
     * SrtConnection#readable} says no. Any thread.
     */
    void watch(SrtConnection connection, Runnable ready);

    /** Runs something in the polling thread, with the next {@link #poll}. Any thread. */
    void execute(Runnable letter);

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
