package live.mirror.control.connection;

import io.helidon.common.buffers.DataReader;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ServerConnectionException;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One accepted connection, and whom it waits for. The threads that serve it write that down; the
 * sweep of {@link Connections} reads it, and closes the socket under them.
 */
final class Connection {

    /** How long what a peer still sends is read after the last answer. */
    private static final long LINGER_NS = TimeUnit.SECONDS.toNanos(2);

    /** The bytes of an IPv6 address that name a network (RFC 4291, 2.5.4). */
    private static final int NETWORK_BYTES = 8;

    /**
     * Both ends, which tell connections apart.
     *
     * @param local ours
     * @param remote the peer's
     */
    record Ends(SocketAddress local, SocketAddress remote) {}

    private final SocketChannel channel;
    private final Ends ends;
    private final ByteBuffer source;
    private final long acceptedNs;

    // Written by the thread that reads.
    private @Nullable Progress progress;
    private boolean atEnd;
    private volatile boolean reading = true;
    private volatile boolean lingering;
    private volatile long owedSinceNs;
    private volatile long activeNs;

    /** Written by the one thread that writes at a time; 0 while there is none. */
    private volatile long writingSinceNs;

    /** HTTP/2 calls that are being answered. */
    private final AtomicInteger calls = new AtomicInteger();

    Connection(SocketChannel channel, long nowNs) throws IOException {
        this.channel = channel;
        ends = new Ends(channel.getLocalAddress(), channel.getRemoteAddress());
        source = source(ends.remote());
        acceptedNs = nowNs;
        owedSinceNs = nowNs;
        activeNs = nowNs;
    }

    private static ByteBuffer source(SocketAddress remote) {
        InetAddress address = ((InetSocketAddress) remote).getAddress();
        byte[] bytes = address.getAddress();
        return ByteBuffer.wrap(Arrays.copyOf(bytes, Math.min(bytes.length, NETWORK_BYTES)));
    }

    Ends ends() {
        return ends;
    }

    /** Whose places it counts to. */
    ByteBuffer source() {
        return source;
    }

    long acceptedNs() {
        return acceptedNs;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** The protocol is known from now on. */
    void serve(Progress of) {
        progress = of;
    }

    @Nullable Progress progress() {
        return progress;
    }

    /**
     * What the peer sends next.
     *
     * @throws CloseConnectionException when it sends nothing any more, or was hung up
     */
    byte[] read(DataReader from) {
        Progress of = java.util.Objects.requireNonNull(progress);
        byte[] read = {};
        while (read.length == 0) {
            owedSinceNs = of.owedSinceNs(System.nanoTime());
            byte[] bytes = await(from);
            long nowNs = System.nanoTime();
            activeNs = nowNs;
            read = of.received(bytes, nowNs);
        }
        return read;
    }

    private byte[] await(DataReader from) {
        reading = true;
        try {
            from.ensureAvailable();
            return from.readBytes(from.available());
        } catch (DataReader.InsufficientDataAvailableException | ServerConnectionException e) {
            atEnd = true;
            throw new CloseConnectionException("the peer is gone", e);
        } finally {
            reading = false;
        }
    }

    void writing() {
        writingSinceNs = System.nanoTime();
    }

    void written() {
        writingSinceNs = 0;
    }

    void callBegan() {
        calls.incrementAndGet();
    }

    void callEnded() {
        activeNs = System.nanoTime();
        calls.decrementAndGet();
    }

    /**
     * Reads what the peer still sends, for a moment and for nobody: if we closed with something
     * unread, the system would tell it a reset, which takes the last answer from a peer that has
     * not read it yet. On the thread that read.
     */
    void linger(boolean secure) {
        if (atEnd || !channel.isOpen()) {
            return;
        }
        activeNs = System.nanoTime();
        lingering = true;
        reading = true;
        ByteBuffer unread = ByteBuffer.allocate(8_192);
        try {
            if (!secure) {
                channel.shutdownOutput();
            }
            while (channel.read(unread) >= 0) {
                unread.clear();
            }
        } catch (IOException e) {
            // It is gone, or we hung up.
            atEnd = true;
        } finally {
            reading = false;
        }
    }

    boolean isLingering() {
        return lingering;
    }

    /** Why it has to end now, if it has to. */
    Optional<Ending> overdue(long nowNs, ConnectionLimits limits) {
        long timeoutNs = limits.requestTimeout().toNanos();
        long writingNs = writingSinceNs;
        if (writingNs != 0 && nowNs - writingNs > timeoutNs) {
            return Optional.of(Ending.STALLED);
        }
        if (!reading) {
            return Optional.empty();
        }
        if (lingering) {
            return ending(Ending.IDLE, nowNs - activeNs > LINGER_NS);
        }
        long owedNs = owedSinceNs;
        return owedNs == 0
                ? ending(
                        Ending.IDLE,
                        calls.get() == 0 && nowNs - activeNs > limits.idleTimeout().toNanos())
                : ending(Ending.LATE, nowNs - owedNs > timeoutNs);
    }

    private static Optional<Ending> ending(Ending ending, boolean holds) {
        return holds ? Optional.of(ending) : Optional.empty();
    }

    /** Whether it does nothing but wait for its peer. */
    boolean waits() {
        return reading && calls.get() == 0;
    }

    /** Whether the peer owes something. */
    boolean isOwed() {
        return owedSinceNs != 0;
    }

    /** How long it has waited. */
    long waitedNs(long nowNs) {
        long owedNs = owedSinceNs;
        return nowNs - (owedNs == 0 ? activeNs : owedNs);
    }

    /** Ends it, whatever its threads are at. */
    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // The system has taken it back all the same.
            activeNs = System.nanoTime();
        }
    }
}
