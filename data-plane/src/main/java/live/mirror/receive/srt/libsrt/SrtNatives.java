package live.mirror.receive.srt.libsrt;

import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;

import org.jspecify.annotations.NullUnmarked;

import java.util.List;

/**
 * The functions of libsrt 1.5 (srt.h) that Mirror calls, under their own names. All pointers are
 * {@code long}. Direct mapping: a call costs about 60 ns more than in C.
 */
@NullUnmarked
@SuppressWarnings("MemberName") // They are libsrt's names.
final class SrtNatives {

    static final int INVALID_SOCKET = -1;

    // SRT_EPOLL_OPT
    static final int EPOLL_IN = 0x1;
    static final int EPOLL_ERR = 0x8;
    static final int EPOLL_ET = 1 << 31;
    static final int EPOLL_ENABLE_EMPTY = 1;

    // SRT_SOCKSTATUS
    static final int STATUS_BROKEN = 6;
    static final int STATUS_CLOSING = 7;
    static final int STATUS_CLOSED = 8;

    // SRT_ERRNO: MJ_AGAIN * 1000 + MN_RDAVAIL
    static final int EASYNCRCV = 6002;

    // SRT_SOCKOPT
    static final int SNDSYN = 1;
    static final int RCVSYN = 2;
    static final int FC = 4;
    static final int RCVBUF = 6;
    static final int UDP_RCVBUF = 9;
    static final int MAXBW = 16;
    static final int EVENT = 18;
    static final int RCVDATA = 20;
    static final int TSBPDMODE = 22;
    static final int INPUTBW = 24;
    static final int PASSPHRASE = 26;
    static final int PBKEYLEN = 27;
    static final int TLPKTDROP = 31;
    static final int PEERVERSION = 35;
    static final int CONNTIMEO = 36;
    static final int RCVKMSTATE = 41;
    static final int LOSSMAXTTL = 42;
    static final int RCVLATENCY = 43;
    static final int MINVERSION = 45;
    static final int STREAMID = 46;
    static final int PAYLOADSIZE = 49;
    static final int ENFORCEDENCRYPTION = 53;
    static final int PEERIDLETIMEO = 55;
    static final int GROUPCONNECT = 57;
    static final int PACKETFILTER = 60;
    static final int CRYPTOMODE = 62;

    /** SRT_KM_S_SECURED: the peer encrypts and we can decrypt. */
    static final int KM_SECURED = 2;

    /**
     * LOG_CRIT of syslog. From LOG_ERR down libsrt writes a line per gap, from each connection's
     * thread.
     */
    static final int LOG_CRITICAL = 2;

    private SrtNatives() {}

    /** Binds to the first of these libraries that is there. Once per process. */
    static String load(List<String> names) {
        StringBuilder problems = new StringBuilder();
        for (String name : names) {
            try {
                Native.register(SrtNatives.class, NativeLibrary.getInstance(name));
                return name;
            } catch (UnsatisfiedLinkError e) {
                problems.append("; ").append(name).append(": ").append(e.getMessage());
            }
        }
        throw new UnsatisfiedLinkError(
                "libsrt was not found (Debian: libsrt1.5-gnutls)" + problems);
    }

    static native int srt_startup();

    static native int srt_cleanup();

    static native int srt_getversion();

    static native void srt_setloglevel(int level);

    static native int srt_create_socket();

    static native int srt_bind(int socket, long address, int addressLength);

    static native int srt_bind_acquire(int socket, int udpSocket);

    static native int srt_listen(int socket, int backlog);

    static native int srt_listen_callback(int listener, long callback, long opaque);

    static native int srt_accept(int listener, long address, long addressLength);

    static native int srt_connect(int socket, long address, int addressLength);

    static native int srt_close(int socket);

    static native int srt_getsockstate(int socket);

    static native int srt_getpeername(int socket, long address, long addressLength);

    static native int srt_getsockflag(int socket, int option, long value, long length);

    static native int srt_setsockflag(int socket, int option, long value, int length);

    static native int srt_recvmsg2(int socket, long buffer, int length, long messageControl);

    static native int srt_sendmsg2(int socket, long buffer, int length, long messageControl);

    static native int srt_getlasterror(long errno);

    static native long srt_getlasterror_str();

    static native int srt_setrejectreason(int socket, int reason);

    static native int srt_getrejectreason(int socket);

    static native int srt_epoll_create();

    static native int srt_epoll_set(int epoll, int flags);

    static native int srt_epoll_add_usock(int epoll, int socket, long events);

    static native int srt_epoll_remove_usock(int epoll, int socket);

    static native int srt_epoll_uwait(int epoll, long events, int capacity, long timeoutMs);

    static native int srt_epoll_release(int epoll);

    static native int srt_bstats(int socket, long statistics, int clear);
}
