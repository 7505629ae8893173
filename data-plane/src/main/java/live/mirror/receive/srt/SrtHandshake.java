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

    /**
     * Whether this is no caller but the library warming up the gate: decide as always, and count
     * nothing.
     */
    boolean rehearsal();
}
