package live.mirror.receive.srt;

import java.net.InetSocketAddress;

/**
 * What is known of a caller before it is accepted. Valid only while the gate decides, in its
 * thread.
 */
public interface SrtHandshake {

    /**
     * The stream id's bytes stand at the front of this array, which is used again for the next
     * caller.
     */
    byte[] streamId();

    /** How many bytes of {@link #streamId} count; 0 when the caller sent none. */
    int streamIdLength();

    /** The caller's address. */
    InetSocketAddress peer();

    /** Names this handshake for {@link SrtTransport#fate}. */
    int attempt();

    /**
     * Whether this is no caller but the library warming up the gate: takes as long as a real one,
     * and must not count.
     */
    boolean rehearsal();

    /**
     * Expects the caller to encrypt with this passphrase; {@code keyBytes} 0 leaves the key's
     * length to it.
     */
    void encrypted(byte[] passphrase, int keyBytes);

    /** Grants this latency, in milliseconds, instead of the port's. */
    void latency(int milliseconds);

    /** Grants these sizes instead of the port's. */
    void sizes(int flowWindowPackets, int receiveBufferBytes);

    /**
     * Bears this much silence, in milliseconds, and packets that come so far out of order, instead
     * of the port's.
     */
    void tolerance(int peerIdleMs, int reorderPackets);

    /** Takes a packet filter (FEC) that fits this, instead of the port's. */
    void packetFilter(String filter);

    /** Hands packets on as soon as they are in order. */
    void immediate();
}
