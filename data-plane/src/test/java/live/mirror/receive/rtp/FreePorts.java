package live.mirror.receive.rtp;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Ports that a definition with parity needs. */
public final class FreePorts {

    private static final int[] OFFSETS = {0, 1, 2, 4};

    private FreePorts() {}

    /** The first of five loopback ports in a row that were free a moment ago. */
    public static InetSocketAddress find() {
        while (true) {
            DatagramSocket[] taken = new DatagramSocket[OFFSETS.length];
            try {
                int first = 0;
                for (int i = 0; i < OFFSETS.length; i++) {
                    int port = i == 0 ? 0 : first + OFFSETS[i];
                    taken[i] = new DatagramSocket(port, InetAddress.getLoopbackAddress());
                    first = taken[0].getLocalPort();
                }
                return (InetSocketAddress) taken[0].getLocalSocketAddress();
            } catch (IOException | IllegalArgumentException e) {
                // Taken; the system chooses another.
            } finally {
                for (DatagramSocket socket : taken) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }
}
