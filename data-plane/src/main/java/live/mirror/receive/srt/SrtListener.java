package live.mirror.receive.srt;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/** A UDP port on which callers are accepted. */
public interface SrtListener extends AutoCloseable {

    /** Where it listens, with the port that the system chose. */
    InetSocketAddress address();

    /**
     * The next caller that passed the gate, or null when there is none. The polling thread only;
     * never blocks.
     */
    @Nullable SrtConnection accept();

    /**
     * What the system granted as the port's receive buffer, in bytes: it has to bridge every pause
     * of this process.
     */
    int udpReceiveBufferBytes();

    /** Takes no more callers. Blocks for a moment; never called by the polling thread. */
    @Override
    void close();
}
