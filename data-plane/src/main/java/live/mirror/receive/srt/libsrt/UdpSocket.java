package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;

/** A bound UDP socket that is made for libsrt to take over, so that its options are ours. */
final class UdpSocket {

    private final int descriptor;
    private final InetSocketAddress address;

    private UdpSocket(int descriptor, InetSocketAddress address) {
        this.descriptor = descriptor;
        this.address = address;
    }

    /** Makes and binds one; the system grants at most {@code net.core.rmem_max} of the buffer. */
    static UdpSocket bind(InetSocketAddress at, int receiveBufferBytes) {
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
            scratch.set(ValueLayout.JAVA_INT, 0, receiveBufferBytes);
            LinuxNatives.setsockopt(
                    descriptor,
                    LinuxNatives.SOL_SOCKET,
                    LinuxNatives.SO_RCVBUF,
                    scratch.address(),
                    Integer.BYTES);
            int length = SocketAddresses.write(at, scratch);
            if (LinuxNatives.bind(descriptor, scratch.address(), length) != 0) {
                throw new SrtException(
                        "UDP "
                                + at.getHostString()
                                + ":"
                                + at.getPort()
                                + " can't be bound: it is in use or not an address of this"
                                + " machine");
            }
            return new UdpSocket(descriptor, name(descriptor, scratch, arena.allocate(8, 8)));
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

    /** Only for a socket that libsrt did not take. */
    void close() {
        LinuxNatives.close(descriptor);
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
