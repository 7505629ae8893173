package live.mirror.receive.udp;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * Where a datagram came from, as numbers. IPv4 addresses stand in their mapped form, so that the
 * same peer is the same on both kinds of socket.
 *
 * @param high the upper 64 bits of the IPv6 address
 * @param low the lower 64 bits
 * @param port 0 to 65535
 */
public record PeerAddress(long high, long low, int port) {

    static final long MAPPED = 0xffff_0000_0000L;

    /** The same as numbers. */
    public static PeerAddress of(InetSocketAddress address) {
        byte[] bytes = address.getAddress().getAddress();
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return bytes.length == 4
                ? new PeerAddress(0, MAPPED | (buffer.getInt() & 0xffff_ffffL), address.getPort())
                : new PeerAddress(buffer.getLong(), buffer.getLong(), address.getPort());
    }

    /** For people and for those who want an address object. */
    public InetSocketAddress toSocketAddress() {
        byte[] bytes = ByteBuffer.allocate(16).putLong(high).putLong(low).array();
        try {
            // Java makes an IPv4 address of a mapped one.
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("16 bytes are an address", e);
        }
    }

    /** The same host with another port. */
    public PeerAddress withPort(int other) {
        return new PeerAddress(high, low, other);
    }

    /** host:port, an IPv6 host in brackets. */
    @Override
    public String toString() {
        String host = toSocketAddress().getAddress().getHostAddress();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
