package live.mirror.receive.srt;

import java.util.Optional;

/**
 * One connection. Read by one thread at a time; {@link #close} comes after the last call.
 *
 * <p>A read that finds nothing is dear (libsrt throws an exception inside), so a reader asks {@link
 * #readable} first.
 */
public interface SrtConnection extends AutoCloseable {

    /** The handshake that led to it, as {@link SrtHandshake#attempt} named it. */
    int attempt();

    /** Whether a read would give a message or the news that the connection is over. */
    boolean readable();

    /**
     * Reads one message to a native address.
     *
     * @param capacityBytes how much fits there; at least the largest payload of a datagram, 1,456
     * @return the message's length in bytes, 0 when there is none, -1 when the connection is over
     */
    int read(long address, int capacityBytes);

    /** Sequence number (31 bits) of the packet that {@link #read} gave last. */
    int sequence();

    /**
     * When the message that {@link #read} gave last was to be played, in microseconds of {@link
     * System#nanoTime}'s clock.
     */
    long dueUs();

    /** The stream id that the caller sent; empty when it sent none. */
    String streamId();

    /** Library version of the other side, for instance {@code 1.5.1}. */
    String peerVersion();

    /** The agreed latency in milliseconds. */
    int latencyMs();

    /** Whether the media comes encrypted and can be decrypted. */
    boolean encrypted();

    /** How many packets have arrived and wait for their time to be read. */
    int bufferedPackets();

    /**
     * The figures as they stand now: totals since the connection began; absent once it is over. For
     * the polling thread, at any time.
     */
    Optional<SrtFigures> figures();

    /**
     * Ends the connection. Blocks up to some milliseconds, so it is for platform threads. Harmless
     * when closed.
     */
    @Override
    void close();
}
