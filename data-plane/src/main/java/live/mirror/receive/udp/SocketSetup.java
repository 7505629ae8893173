package live.mirror.receive.udp;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;

/** What is asked of the kernel when a socket is opened, in its own structures. */
final class SocketSetup {

    private static final int STORAGE_BYTES = 128;

    private SocketSetup() {}

    /** Asks for a buffer, beyond the system's limit if we may, and answers what we got. */
    static int enlarge(int fileDescriptor, int wantedBytes, Memory scratch) {
        try {
            set(fileDescriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUFFORCE, wantedBytes, scratch);
        } catch (LastErrorException e) {
            // Only for CAP_NET_ADMIN; the plain option is cut to net.core.rmem_max.
            set(fileDescriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUF, wantedBytes, scratch);
        }
        scratch.setInt(8, 4);
        long value = Pointer.nativeValue(scratch);
        Libc.getsockopt(fileDescriptor, Libc.SOL_SOCKET, Libc.SO_RCVBUF, value, value + 8);
        // The kernel doubles what is asked, for its own overhead, and shows the double.
        return scratch.getInt(0);
    }

    static void set(int fileDescriptor, int level, int option, int value, Memory scratch) {
        scratch.setInt(0, value);
        Libc.setsockopt(fileDescriptor, level, option, Pointer.nativeValue(scratch), 4);
    }

    static int boundPort(int fileDescriptor, Memory scratch) {
        scratch.setInt(0, STORAGE_BYTES);
        long base = Pointer.nativeValue(scratch);
        Libc.getsockname(fileDescriptor, base + 8, base);
        return Short.reverseBytes(scratch.getShort(10)) & 0xffff;
    }

    /** The interface that a group is wanted by; 0 lets the routing table choose. */
    static int interfaceIndex(Membership membership) throws IOException {
        if (membership.interfaceName().isEmpty()) {
            return 0;
        }
        NetworkInterface card = NetworkInterface.getByName(membership.interfaceName());
        if (card == null) {
            throw new IOException("no network interface " + membership.interfaceName());
        }
        return card.getIndex();
    }

    /** group_req or group_source_req: interface index, then one or two sockaddr_storage. */
    static void join(int fileDescriptor, int family, Membership membership, Memory scratch)
            throws IOException {
        int index = interfaceIndex(membership);
        int level = family == Libc.AF_INET ? Libc.IPPROTO_IP : Libc.IPPROTO_IPV6;
        int all = family == Libc.AF_INET ? Libc.IP_MULTICAST_ALL : Libc.IPV6_MULTICAST_ALL;
        // Otherwise the socket would also get groups that others on this machine have joined.
        set(fileDescriptor, level, all, 0, scratch);
        scratch.clear();
        scratch.setInt(0, index);
        putAddress(scratch, 8, family, new InetSocketAddress(membership.group(), 0));
        long base = Pointer.nativeValue(scratch);
        if (membership.sources().isEmpty()) {
            Libc.setsockopt(fileDescriptor, level, Libc.MCAST_JOIN_GROUP, base, 8 + STORAGE_BYTES);
        }
        for (InetAddress source : membership.sources()) {
            putAddress(scratch, 8 + STORAGE_BYTES, family, new InetSocketAddress(source, 0));
            Libc.setsockopt(
                    fileDescriptor,
                    level,
                    Libc.MCAST_JOIN_SOURCE_GROUP,
                    base,
                    8 + 2 * STORAGE_BYTES);
        }
    }

    /** Writes a sockaddr_in or sockaddr_in6 and answers its length. */
    static int putAddress(Memory memory, int at, int family, InetSocketAddress socketAddress) {
        PeerAddress peer = PeerAddress.of(socketAddress);
        memory.setShort(at, (short) family);
        memory.setShort(at + 2, Short.reverseBytes((short) peer.port()));
        if (family == Libc.AF_INET) {
            memory.setInt(at + 4, Integer.reverseBytes((int) peer.low()));
            memory.setLong(at + 8, 0);
            return 16;
        }
        memory.setInt(at + 4, 0);
        memory.setLong(at + 8, Long.reverseBytes(peer.high()));
        memory.setLong(at + 16, Long.reverseBytes(peer.low()));
        memory.setInt(at + 24, 0);
        return 28;
    }
}
