package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtConnection;
import live.mirror.receive.srt.SrtFigures;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A connected libsrt socket. Its native memory, for messages' headers, options and figures, belongs
 * to the one thread that reads, and is given back by {@link #close}.
 *
 * <pre>
 *   SRT_MSGCTRL, 48 bytes: flags 0, msgttl 4, inorder 8, boundary 12, srctime 16 (i64), pktseq 24, msgno 28,
 *                          grpdata 32, grpdata_size 40
 * </pre>
 */
final class LibSrtConnection implements SrtConnection {

    private static final int MESSAGE_CONTROL_BYTES = 48;
    private static final long SRCTIME = 16;
    private static final long PKTSEQ = 24;

    private final int socket;
    private final LibSrt owner;
    private final Arena arena = Arena.ofShared();
    private final AtomicBoolean closed = new AtomicBoolean();

    // Used by the reading thread.
    private final MemorySegment messageControl = arena.allocate(MESSAGE_CONTROL_BYTES, 8);
    private final MemorySegment event = arena.allocate(8, 8);
    private final MemorySegment eventLength = arena.allocate(8, 8);
    private final SocketOptions options = new SocketOptions(arena);
    private final long messageControlAddress = messageControl.address();
    private final long eventAddress = event.address();
    private final long eventLengthAddress = eventLength.address();

    LibSrtConnection(int socket, LibSrt owner) {
        this.socket = socket;
        this.owner = owner;
    }

    int socket() {
        return socket;
    }

    @Override
    public int attempt() {
        return socket;
    }

    @Override
    public boolean readable() {
        eventLength.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
        return SrtNatives.srt_getsockflag(
                                socket, SrtNatives.EVENT, eventAddress, eventLengthAddress)
                        != 0
                || (event.get(ValueLayout.JAVA_INT, 0)
                                & (SrtNatives.EPOLL_IN | SrtNatives.EPOLL_ERR))
                        != 0;
    }

    @Override
    public int read(long address, int capacityBytes) {
        int length = SrtNatives.srt_recvmsg2(socket, address, capacityBytes, messageControlAddress);
        if (length > 0) {
            return length;
        }
        // The error is the OS thread's: nothing that parks may stand between the two calls.
        return length < 0 && SrtNatives.srt_getlasterror(0) == SrtNatives.EASYNCRCV ? 0 : -1;
    }

    @Override
    public int sequence() {
        return messageControl.get(ValueLayout.JAVA_INT, PKTSEQ);
    }

    @Override
    public long dueUs() {
        return messageControl.get(ValueLayout.JAVA_LONG, SRCTIME);
    }

    @Override
    public String streamId() {
        return options.text(socket, SrtNatives.STREAMID);
    }

    @Override
    public String peerVersion() {
        return LibSrt.versionText(options.number(socket, SrtNatives.PEERVERSION));
    }

    @Override
    public int latencyMs() {
        return options.number(socket, SrtNatives.RCVLATENCY);
    }

    @Override
    public boolean encrypted() {
        return options.number(socket, SrtNatives.RCVKMSTATE) == SrtNatives.KM_SECURED;
    }

    @Override
    public int bufferedPackets() {
        return options.number(socket, SrtNatives.RCVDATA);
    }

    @Override
    public Optional<SrtFigures> figures() {
        return owner.figures(socket);
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            owner.forget(this);
            SrtNatives.srt_close(socket);
            arena.close();
        }
    }
}
