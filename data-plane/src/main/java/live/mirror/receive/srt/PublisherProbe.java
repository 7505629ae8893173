package live.mirror.receive.srt;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/**
 * Asks whether a silent publisher's UDP port still exists: a datagram to a port that is gone comes
 * back as ICMP "port unreachable" where the path lets that through. So a killed encoder is known
 * within milliseconds, for which SRT alone takes its idle time of seconds. The byte that is sent is
 * no SRT packet; a live publisher drops it.
 *
 * <p>Locked, because the tick and a port's receive thread ask. Never blocks.
 */
final class PublisherProbe implements AutoCloseable {

    private final DatagramChannel channel;

    /** Opens a socket of its own towards the publisher. */
    PublisherProbe(InetSocketAddress publisher) throws IOException {
        channel = DatagramChannel.open();
        try {
            channel.configureBlocking(false);
            // Only a connected socket is told of the refusal.
            channel.connect(publisher);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Whether the port has been refused, now or to an earlier question; asks again if not. */
    synchronized boolean refused() throws IOException {
        try {
            // Whatever answers is alive, and what it says does not matter.
            channel.read(ByteBuffer.allocate(1));
            channel.write(ByteBuffer.allocate(1));
            // On the same machine the refusal is there when the write returns.
            channel.read(ByteBuffer.allocate(1));
            return false;
        } catch (PortUnreachableException e) {
            return true;
        }
    }

    /**
     * Asks once, with a socket for this question only; no answer and no way to ask are the same as
     * "not refused".
     */
    static boolean refusedAtOnce(InetSocketAddress publisher) {
        try (PublisherProbe probe = new PublisherProbe(publisher)) {
            return probe.refused();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
