package live.mirror.receive.srt;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;

/** A UDP socket on which callers are accepted, with a receive thread of its own. */
public interface SrtListener extends AutoCloseable {

    /** Where it listens, with the port that the system chose. */
    InetSocketAddress address();

    /**
     * The next caller that passed the gate, or null when there is none. The polling thread only;
     * never blocks.
     */
    @Nullable SrtConnection accept();

    /**
     * What the system granted as the socket's receive buffer, in bytes: it has to bridge every
     * pause of this process.
     */
    int udpReceiveBufferBytes();

    /**
     * Datagrams that the kernel dropped, by the packet filter or because the buffer was full. Any
     * thread.
     */
    long droppedDatagrams();

    /**
     * From now on the kernel drops the handshakes of these sources, and of no others; does nothing
     * where the port has no packet filter. Any thread.
     */
    void shutOut(Set<InetAddress> sources);

    /**
     * CPU time that its receive thread has used so far, in nanoseconds; 0 when that is not known.
     */
    long receiveThreadCpuNs();

    /** Takes no more callers. Blocks for a moment; never called by the polling thread. */
    @Override
    void close();
}
