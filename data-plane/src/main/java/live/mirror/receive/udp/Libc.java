package live.mirror.receive.udp;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;

/** The socket calls of the C library, by their own names. Pointers are {@code long}s. */
@SuppressWarnings("SameNameButDifferent") // The names are the C library's.
final class Libc {

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int MSG_DONTWAIT = 0x40;
    static final int MSG_TRUNC = 0x20;

    static final int SOL_SOCKET = 1;
    static final int SO_REUSEADDR = 2;
    static final int SO_RCVBUF = 8;
    static final int SO_RCVBUFFORCE = 33;
    static final int SO_TIMESTAMPNS = 35;
    static final int SO_MEMINFO = 55;
    static final int SO_BINDTOIFINDEX = 62;

    static final int IPPROTO_IP = 0;
    static final int IPPROTO_IPV6 = 41;
    static final int IPV6_V6ONLY = 26;
    static final int IP_MULTICAST_ALL = 49;
    static final int IPV6_MULTICAST_ALL = 29;
    static final int MCAST_JOIN_GROUP = 42;
    static final int MCAST_JOIN_SOURCE_GROUP = 46;

    static final int EINTR = 4;
    static final int EAGAIN = 11;

    static {
        Native.register(Libc.class, "c");
    }

    private Libc() {}

    static native int socket(int domain, int type, int protocol) throws LastErrorException;

    static native int bind(int socket, long address, int length) throws LastErrorException;

    static native int getsockname(int socket, long address, long length) throws LastErrorException;

    static native int setsockopt(int socket, int level, int option, long value, int length)
            throws LastErrorException;

    static native int getsockopt(int socket, int level, int option, long value, long length)
            throws LastErrorException;

    static native int close(int socket) throws LastErrorException;

    /** Without the exception, which would be made for every empty read. */
    static native int recvmmsg(int socket, long messages, int count, int flags, long timeout);

    /** Without the exception: a report that can't be sent is counted. */
    static native long sendto(
            int socket, long bytes, long length, int flags, long address, int addressLength);
}
