package live.mirror.receive.udp;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A bound UDP socket. The tick thread calls {@link #receive} and then looks at each message by its
 * index; the messages stand until the next call. Any thread may call {@link #send}.
 *
 * <p>The native memory, all of it allocated at once:
 *
 * <pre>
 *  BATCH x mmsghdr (64)  BATCH x iovec (16)  BATCH x sockaddr (32)  BATCH x control (64)  BATCH x payload
 *  option values
 *
 *  mmsghdr:  0 name  8 namelen  16 iov  24 iovlen  32 control  40 controllen  48 flags  56 length
 * </pre>
 */
public final class UdpSocket implements AutoCloseable {

    /** Datagrams taken by one system call. */
    public static final int BATCH = 64;

    private static final int HEADER_BYTES = 64;
    private static final int VECTOR_BYTES = 16;
    private static final int NAME_BYTES = 32;
    private static final int CONTROL_BYTES = 64;
    private static final int SEND_BYTES = 2048;

    /** linux/sock_diag.h: nine counts of 32 bits, the last of them SK_MEMINFO_DROPS. */
    private static final int MEMINFO_BYTES = 36;

    private static final int OPTION_BYTES = 48;

    private static final int VECTORS = BATCH * HEADER_BYTES;
    private static final int NAMES = VECTORS + BATCH * VECTOR_BYTES;
    private static final int CONTROLS = NAMES + BATCH * NAME_BYTES;
    private static final int PAYLOADS = CONTROLS + BATCH * CONTROL_BYTES;

    private final int family;
    private final int fileDescriptor;
    private final InetSocketAddress local;
    private final int receiveBufferBytes;
    private final int maxDatagramBytes;
    private final Memory memory;
    private final long address;
    private final ByteBuffer view;

    // Written by the thread that receives, read by any.
    private volatile long droppedCount;
    private long receivedCount;
    private long errorCount;
    private long dropped;
    private int lastDropped;
    private boolean stamps = true;

    // Guarded by this.
    private final Memory sendMemory = new Memory(SEND_BYTES + NAME_BYTES);
    private boolean closed;

    private UdpSocket(
            int family,
            int fileDescriptor,
            InetSocketAddress local,
            int receiveBufferBytes,
            int maxDatagramBytes) {
        this.family = family;
        this.fileDescriptor = fileDescriptor;
        this.local = local;
        this.receiveBufferBytes = receiveBufferBytes;
        this.maxDatagramBytes = maxDatagramBytes;
        memory = new Memory(PAYLOADS + (long) BATCH * maxDatagramBytes + OPTION_BYTES);
        address = Pointer.nativeValue(memory);
        view = memory.getByteBuffer(0, memory.size()).order(ByteOrder.nativeOrder());
        for (int i = 0; i < BATCH; i++) {
            int header = i * HEADER_BYTES;
            int vector = VECTORS + i * VECTOR_BYTES;
            view.putLong(header, address + NAMES + (long) i * NAME_BYTES);
            view.putLong(header + 16, address + vector);
            view.putLong(header + 24, 1);
            view.putLong(header + 32, address + CONTROLS + (long) i * CONTROL_BYTES);
            view.putLong(vector, address + PAYLOADS + (long) i * maxDatagramBytes);
            view.putLong(vector + 8, maxDatagramBytes);
            prepare(i);
        }
    }

    /**
     * Opens, sets and binds a socket.
     *
     * @param bind where it listens; port 0 lets the system choose
     * @param membership the group to join; several sockets may then share the port
     * @param wantedBufferBytes SO_RCVBUF to ask for
     * @param maxDatagramBytes longer datagrams are cut off, and told by {@link #truncated}
     * @throws IOException when the system refuses any of it
     */
    public static UdpSocket open(
            InetSocketAddress bind,
            Optional<Membership> membership,
            int wantedBufferBytes,
            int maxDatagramBytes)
            throws IOException {
        if (bind.isUnresolved()) {
            throw new IOException("unknown host " + bind.getHostString());
        }
        int family = bind.getAddress() instanceof Inet6Address ? Libc.AF_INET6 : Libc.AF_INET;
        int fileDescriptor = -1;
        try (Memory scratch = new Memory(512)) {
            fileDescriptor = Libc.socket(family, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
            if (family == Libc.AF_INET6) {
                SocketSetup.set(fileDescriptor, Libc.IPPROTO_IPV6, Libc.IPV6_V6ONLY, 0, scratch);
            }
            if (membership.isPresent()) {
                SocketSetup.set(fileDescriptor, Libc.SOL_SOCKET, Libc.SO_REUSEADDR, 1, scratch);
            }
            int buffer = SocketSetup.enlarge(fileDescriptor, wantedBufferBytes, scratch);
            SocketSetup.set(fileDescriptor, Libc.SOL_SOCKET, Libc.SO_TIMESTAMPNS, 1, scratch);
            if (family == Libc.AF_INET6 && membership.isPresent()) {
                // The kernel compares only the group, not by which interface it was joined, and a
                // group of the link means nothing without its interface.
                int index = SocketSetup.interfaceIndex(membership.get());
                SocketSetup.set(
                        fileDescriptor, Libc.SOL_SOCKET, Libc.SO_BINDTOIFINDEX, index, scratch);
            }
            int length = SocketSetup.putAddress(scratch, 0, family, bind);
            Libc.bind(fileDescriptor, Pointer.nativeValue(scratch), length);
            if (membership.isPresent()) {
                SocketSetup.join(fileDescriptor, family, membership.get(), scratch);
            }
            int port = SocketSetup.boundPort(fileDescriptor, scratch);
            return new UdpSocket(
                    family,
                    fileDescriptor,
                    new InetSocketAddress(bind.getAddress(), port),
                    buffer,
                    maxDatagramBytes);
        } catch (LastErrorException | IOException e) {
            if (fileDescriptor >= 0) {
                Libc.close(fileDescriptor);
            }
            throw new IOException(
                    "UDP "
                            + bind.getAddress().getHostAddress()
                            + ":"
                            + bind.getPort()
                            + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** Where it listens, with the port that the system chose. */
    public InetSocketAddress local() {
        return local;
    }

    /** What the kernel keeps for this socket, by its own accounting, in bytes. */
    public int receiveBufferBytes() {
        return receiveBufferBytes;
    }

    /** Datagrams received. */
    public long receivedCount() {
        return receivedCount;
    }

    /** Datagrams that the kernel dropped because the buffer was full, as of the last look. */
    public long droppedCount() {
        return droppedCount;
    }

    /** Reads that failed for another reason than emptiness. */
    public long errorCount() {
        return errorCount;
    }

    /**
     * Takes what is there, at most {@link #BATCH} datagrams, and answers how many. Never blocks.
     */
    public int receive() {
        int count = Libc.recvmmsg(fileDescriptor, address, BATCH, Libc.MSG_DONTWAIT, 0);
        if (count < 0) {
            int error = Native.getLastError();
            if (error != Libc.EAGAIN && error != Libc.EINTR) {
                errorCount++;
            }
            return 0;
        }
        receivedCount += count;
        return count;
    }

    /**
     * Looks how many datagrams the kernel has dropped. It is the count that SO_RXQ_OVFL tells, but
     * known without a next datagram, and without the price of a control message on each of them
     * ever after the first drop.
     */
    public void countDrops() {
        long at = memory.size() - OPTION_BYTES;
        memory.setInt(at, MEMINFO_BYTES);
        Libc.getsockopt(
                fileDescriptor, Libc.SOL_SOCKET, Libc.SO_MEMINFO, address + at + 8, address + at);
        int drops = memory.getInt(at + 8 + MEMINFO_BYTES - 4);
        // The kernel counts in 32 bits; the difference is right across their wrap.
        dropped += (drops - lastDropped) & 0xffff_ffffL;
        droppedCount = dropped;
        lastDropped = drops;
    }

    /** Whether the kernel stamps each datagram with its arrival; at first it does. */
    public void stamps(boolean wanted) {
        if (wanted != stamps) {
            stamps = wanted;
            try (Memory scratch = new Memory(Integer.BYTES)) {
                SocketSetup.set(
                        fileDescriptor,
                        Libc.SOL_SOCKET,
                        Libc.SO_TIMESTAMPNS,
                        wanted ? 1 : 0,
                        scratch);
            }
        }
    }

    /** Bytes of a message that are here. */
    public int length(int index) {
        return view.getInt(index * HEADER_BYTES + 56);
    }

    /** Whether a message was longer than fits. */
    public boolean truncated(int index) {
        return (view.getInt(index * HEADER_BYTES + 48) & Libc.MSG_TRUNC) != 0;
    }

    /** A byte of a message; must be below its length. */
    public byte byteAt(int index, int offset) {
        return view.get(payload(index) + offset);
    }

    /** Four bytes of a message in network order; must be below its length. */
    public int intAt(int index, int offset) {
        return Integer.reverseBytes(view.getInt(payload(index) + offset));
    }

    /** Copies a message. */
    public void copy(int index, byte[] target, int offset) {
        view.get(payload(index), target, offset, length(index));
    }

    /** Upper half of the sender's address. */
    public long addressHigh(int index) {
        return family == Libc.AF_INET
                ? 0
                : Long.reverseBytes(view.getLong(NAMES + index * NAME_BYTES + 8));
    }

    /** Lower half of the sender's address. */
    public long addressLow(int index) {
        int name = NAMES + index * NAME_BYTES;
        return family == Libc.AF_INET
                ? PeerAddress.MAPPED | (Integer.reverseBytes(view.getInt(name + 4)) & 0xffff_ffffL)
                : Long.reverseBytes(view.getLong(name + 16));
    }

    /** The sender's port. */
    public int port(int index) {
        return Short.reverseBytes(view.getShort(NAMES + index * NAME_BYTES + 2)) & 0xffff;
    }

    /**
     * When the kernel took the message in, in nanoseconds since the Unix epoch by the system clock;
     * 0 when it does not say. To be called once for each message: it also makes the message's place
     * ready for the next.
     */
    public long takeArrivalNs(int index) {
        int control = CONTROLS + index * CONTROL_BYTES;
        // cmsghdr: length (8 bytes), level, type, then the seconds and nanoseconds.
        boolean stamped =
                view.getLong(index * HEADER_BYTES + 40) >= 32
                        && view.getInt(control + 12) == Libc.SO_TIMESTAMPNS;
        long arrivalNs =
                stamped
                        ? view.getLong(control + 16) * 1_000_000_000 + view.getLong(control + 24)
                        : 0;
        prepare(index);
        return arrivalNs;
    }

    /**
     * Sends a small datagram without waiting.
     *
     * @return whether the kernel took it
     */
    public synchronized boolean send(byte[] bytes, int length, PeerAddress to) {
        if (closed || length > SEND_BYTES) {
            return false;
        }
        sendMemory.write(0, bytes, 0, length);
        int nameLength =
                SocketSetup.putAddress(sendMemory, SEND_BYTES, family, to.toSocketAddress());
        long base = Pointer.nativeValue(sendMemory);
        return Libc.sendto(
                        fileDescriptor,
                        base,
                        length,
                        Libc.MSG_DONTWAIT,
                        base + SEND_BYTES,
                        nameLength)
                == length;
    }

    /** Closes the socket; called by the thread that receives, or after it has ended. */
    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.close(fileDescriptor);
            memory.close();
            sendMemory.close();
        }
    }

    private int payload(int index) {
        return PAYLOADS + index * maxDatagramBytes;
    }

    private void prepare(int index) {
        view.putInt(index * HEADER_BYTES + 8, NAME_BYTES);
        view.putLong(index * HEADER_BYTES + 40, CONTROL_BYTES);
    }
}
