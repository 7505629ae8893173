package live.mirror.receive.srt.libsrt;

import com.sun.jna.Native;

import org.jspecify.annotations.NullUnmarked;

/**
 * The calls of Linux's C library by which a UDP socket is made before libsrt takes it over.
 * Pointers are {@code long}.
 */
@NullUnmarked
final class LinuxNatives {

    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;
    static final int SO_ATTACH_FILTER = 26;
    static final int SO_MEMINFO = 55;
    static final int M_TRIM_THRESHOLD = -1;
    static final int M_MMAP_THRESHOLD = -3;

    static {
        Native.register(LinuxNatives.class, "c");
    }

    private LinuxNatives() {}

    static native int socket(int domain, int type, int protocol);

    static native int bind(int socket, long address, int length);

    static native int getsockname(int socket, long address, long length);

    static native int setsockopt(int socket, int level, int option, long value, int length);

    static native int getsockopt(int socket, int level, int option, long value, long length);

    static native int close(int socket);

    /** Tunes the C library's allocator; answers 1 when it obeys. */
    static native int mallopt(int parameter, int value);

    /** Gives free memory of all the allocator's arenas back; answers 1 when there was any. */
    static native int malloc_trim(long keepBytes);

    /** Runs C code in a thread that Java knows nothing of. */
    static native int pthread_create(long thread, long attributes, long routine, long argument);

    static native int pthread_join(long thread, long result);
}
