package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;

/** A bound UDP socket that is made for libsrt to take over, so that its options are ours. */
final class UdpSocket {

    // SK_MEMINFO_VARS numbers, SK_MEMINFO_DROPS the last (linux/sock_diag.h).
    private static final int MEMINFO_BYTES = 9 * Integer.BYTES;
    private static final int MEMINFO_DROPS = 8 * Integer.BYTES;

    private final int descriptor;
    private final InetSocketAddress address;
    private final boolean filtered;

    private UdpSocket(int descriptor, InetSocketAddress address, boolean filtered) {
        this.filtered = filtered;
        this.descriptor = descriptor;
        this.address = address;
    }

    /**
     * Makes and binds one; the system grants at most {@code net.core.rmem_max} of the buffer.
     *
     * @param shared whether others may bind the same port
     * @param filtered whether {@link IngestFilter} guards it, from before the first datagram on
     */
    static UdpSocket bind(
            InetSocketAddress at, int receiveBufferBytes, boolean shared, boolean filtered) {
        int descriptor =
                LinuxNatives.socket(
                        SocketAddresses.family(at),
                        LinuxNatives.SOCK_DGRAM | LinuxNatives.SOCK_CLOEXEC,
                        0);
        if (descriptor < 0) {
            throw new SrtException("no UDP socket could be made for " + at);
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment scratch = arena.allocate(SocketAddresses.MAX_BYTES, 8);
            set(descriptor, LinuxNatives.SO_RCVBUF, receiveBufferBytes, scratch);
            set(descriptor, LinuxNatives.SO_REUSEPORT, shared ? 1 : 0, scratch);
            if (filtered) {
                IngestFilter.attach(descriptor, Set.of());
            }
            int length = SocketAddresses.write(at, scratch);
            if (LinuxNatives.bind(descriptor, scratch.address(), length) != 0) {
                throw new SrtException(
                        "srt.listen or srt.more-ports: UDP "
                                + at.getHostString()
                                + ":"
                                + at.getPort()
                                + " can't be bound: it is in use or not an address of this"
                                + " machine");
            }
            return new UdpSocket(
                    descriptor, name(descriptor, scratch, arena.allocate(8, 8)), filtered);
        } catch (RuntimeException e) {
            LinuxNatives.close(descriptor);
            throw e;
        }
    }

    /** The file descriptor. */
    int descriptor() {
        return descriptor;
    }

    /** With the port that the system chose. */
    InetSocketAddress address() {
        return address;
    }

    /** What the system granted, in bytes of payload and bookkeeping. */
    int receiveBufferBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(8, 8);
            MemorySegment length = arena.allocate(8, 8);
            length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
            LinuxNatives.getsockopt(
                    descriptor,
                    LinuxNatives.SOL_SOCKET,
                    LinuxNatives.SO_RCVBUF,
                    value.address(),
                    length.address());
            return value.get(ValueLayout.JAVA_INT, 0);
        }
    }

    /** What the kernel dropped at this socket, filtered or because the buffer was full. */
    long droppedDatagrams() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment info = arena.allocate(MEMINFO_BYTES, 8);
            MemorySegment length = arena.allocate(8, 8);
            length.set(ValueLayout.JAVA_INT, 0, MEMINFO_BYTES);
            LinuxNatives.getsockopt(
                    descriptor,
                    LinuxNatives.SOL_SOCKET,
                    LinuxNatives.SO_MEMINFO,
                    info.address(),
                    length.address());
            return Integer.toUnsignedLong(info.get(ValueLayout.JAVA_INT, MEMINFO_DROPS));
        }
    }

    /** Drops the handshakes of these sources, and of no others, if it is filtered at all. */
    void shutOut(Set<InetAddress> sources) {
        if (filtered) {
            IngestFilter.attach(descriptor, sources);
        }
    }

    /** Only for a socket that libsrt did not take. */
    void close() {
        LinuxNatives.close(descriptor);
    }

    private static void set(int descriptor, int option, int value, MemorySegment scratch) {
        scratch.set(ValueLayout.JAVA_INT, 0, value);
        LinuxNatives.setsockopt(
                descriptor, LinuxNatives.SOL_SOCKET, option, scratch.address(), Integer.BYTES);
    }

    private static InetSocketAddress name(
            int descriptor, MemorySegment scratch, MemorySegment length) {
        length.set(ValueLayout.JAVA_INT, 0, SocketAddresses.MAX_BYTES);
        if (LinuxNatives.getsockname(descriptor, scratch.address(), length.address()) != 0) {
            throw new SrtException("a bound UDP socket does not tell its address");
        }
        return SocketAddresses.read(scratch);
    }
}
