package live.mirror.receive.srt.libsrt;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;

/**
 * {@code struct sockaddr_in} and {@code sockaddr_in6} of Linux.
 *
 * <pre>
 *   offset  0        2      4             8                    24
 *   in      family   port   address                            (16 bytes)
 *   in6     family   port   flow info     address (16 bytes)   scope id   (28 bytes)
 * </pre>
 *
 * Family and scope are in host order, port and address in network order.
 */
final class SocketAddresses {

    /** Room for either. */
    static final int MAX_BYTES = 28;

    private static final int IPV4_BYTES = 16;
    private static final ValueLayout.OfShort PORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private SocketAddresses() {}

    /** Writes an address; answers its length in bytes. */
    static int write(InetSocketAddress address, MemorySegment to) {
        to.asSlice(0, MAX_BYTES).fill((byte) 0);
        byte[] ip = address.getAddress().getAddress();
        boolean v4 = ip.length == 4;
        to.set(
                ValueLayout.JAVA_SHORT,
                0,
                (short) (v4 ? LinuxNatives.AF_INET : LinuxNatives.AF_INET6));
        to.set(PORT, 2, (short) address.getPort());
        MemorySegment.copy(ip, 0, to, ValueLayout.JAVA_BYTE, v4 ? 4 : 8, ip.length);
        if (address.getAddress() instanceof Inet6Address v6) {
            to.set(ValueLayout.JAVA_INT, 24, v6.getScopeId());
        }
        return v4 ? IPV4_BYTES : MAX_BYTES;
    }

    /** Reads an address that C has written. */
    static InetSocketAddress read(MemorySegment from) {
        int family = from.get(ValueLayout.JAVA_SHORT, 0);
        int port = Short.toUnsignedInt(from.get(PORT, 2));
        boolean v4 = family == LinuxNatives.AF_INET;
        byte[] ip = new byte[v4 ? 4 : 16];
        MemorySegment.copy(from, ValueLayout.JAVA_BYTE, v4 ? 4 : 8, ip, 0, ip.length);
        try {
            // An IPv4 address that came in by an IPv6 socket becomes an Inet4Address here, as
            // everywhere in Java.
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 and 16 bytes are always an address", e);
        }
    }

    /** The family of a socket that can be bound to this address. */
    static int family(InetSocketAddress address) {
        return address.getAddress() instanceof Inet4Address
                ? LinuxNatives.AF_INET
                : LinuxNatives.AF_INET6;
    }
}
