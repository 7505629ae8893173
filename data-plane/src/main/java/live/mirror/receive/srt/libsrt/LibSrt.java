package live.mirror.receive.srt.libsrt;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.jna.Pointer;

import live.mirror.receive.srt.BufferSizes;
import live.mirror.receive.srt.SrtCallOptions;
import live.mirror.receive.srt.SrtCapabilities;
import live.mirror.receive.srt.SrtConnection;
import live.mirror.receive.srt.SrtException;
import live.mirror.receive.srt.SrtFigures;
import live.mirror.receive.srt.SrtGate;
import live.mirror.receive.srt.SrtListenOptions;
import live.mirror.receive.srt.SrtListener;
import live.mirror.receive.srt.SrtSettings;
import live.mirror.receive.srt.SrtTransport;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * libsrt as the process has it loaded: there is at most one open at a time. The polling thread
 * alone asks the epoll, with a time-out of zero: all waits inside libsrt share one condition that
 * wakes a single waiter, so a second one would steal wake-ups.
 */
public final class LibSrt implements SrtTransport {

    /** The flavour that decrypts with the processor's AES instructions first, see the README. */
    private static final List<String> LIBRARIES = List.of("libsrt-gnutls.so.1.5", "libsrt.so.1.5");

    private static final int BACKLOG = 1_024;
    private static final int MAX_EVENTS = 1_024;
    private static final int EVENT_BYTES = 8;
    private static final int LARGE_BYTES = 128 << 10;
    private static final int OLDEST_PEER = 0x010300;

    private static String library = "";

    private final int epoll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate(MAX_EVENTS * EVENT_BYTES, 8);
    private final MemorySegment interest = arena.allocate(8, 8);
    private final ConcurrentLinkedQueue<Runnable> mailbox = new ConcurrentLinkedQueue<>();
    private final Set<LibSrtConnection> open = ConcurrentHashMap.newKeySet();
    private final List<LibSrtListener> listeners = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    // The polling thread's own.
    private final SocketTable watched = new SocketTable();
    private int[] unread = new int[64];
    private int unreadCount;
    private final MemorySegment statistics = arena.allocate(StatisticsLayout.BYTES, 8);

    private LibSrt() {
        epoll = SrtNatives.srt_epoll_create();
        SrtNatives.srt_epoll_set(epoll, SrtNatives.EPOLL_ENABLE_EMPTY);
    }

    /**
     * Loads and starts libsrt.
     *
     * @param name file name of the library to load; empty takes the first of Debian's flavours that
     *     is installed
     * @throws UnsatisfiedLinkError when there is none
     */
    public static synchronized LibSrt open(String name) {
        if (library.isEmpty()) {
            library = SrtNatives.load(name.isEmpty() ? LIBRARIES : List.of(name));
            // The allocator would raise these with the first buffer that is freed, and then keep
            // what connections leave behind: 10,000 of them tens of megabytes.
            LinuxNatives.mallopt(LinuxNatives.M_MMAP_THRESHOLD, LARGE_BYTES);
            LinuxNatives.mallopt(LinuxNatives.M_TRIM_THRESHOLD, LARGE_BYTES);
        }
        if (SrtNatives.srt_startup() < 0) {
            throw new SrtException("libsrt does not start: " + lastError());
        }
        SrtNatives.srt_setloglevel(SrtNatives.LOG_CRITICAL);
        return new LibSrt();
    }

    @Override
    public SrtCapabilities capabilities() {
        int probe = SrtNatives.srt_create_socket();
        try (Arena scratch = Arena.ofConfined()) {
            SocketOptions flags = new SocketOptions(scratch);
            return new SrtCapabilities(
                    library,
                    versionText(SrtNatives.srt_getversion()),
                    flags.trySet(probe, SrtNatives.PBKEYLEN, 16)
                            && flags.trySet(
                                    probe, SrtNatives.PASSPHRASE, "0123456789".getBytes(US_ASCII)),
                    flags.trySet(
                            probe,
                            SrtNatives.PACKETFILTER,
                            "fec,cols:10,rows:5".getBytes(US_ASCII)),
                    flags.trySet(probe, SrtNatives.GROUPCONNECT, 1),
                    flags.trySet(probe, SrtNatives.CRYPTOMODE, 2));
        } finally {
            SrtNatives.srt_close(probe);
        }
    }

    @Override
    public void trim() {
        LinuxNatives.malloc_trim(0);
    }

    @Override
    public Fate fate(int attempt) {
        return switch (SrtNatives.srt_getsockstate(attempt)) {
            // It was connected: libsrt closes it a second later.
            case SrtNatives.STATUS_BROKEN, SrtNatives.STATUS_CLOSING -> Fate.LEFT;
            case SrtNatives.STATUS_CLOSED -> Fate.FAILED;
            // While the gate decides libsrt does not know the socket yet.
            default -> Fate.UNDER_WAY;
        };
    }

    @Override
    public SrtListener listen(InetSocketAddress at, SrtListenOptions options, SrtGate gate) {
        ListenHook hook = new ListenHook(gate);
        hook.rehearse();
        int socket = SrtNatives.srt_create_socket();
        UdpSocket udp =
                UdpSocket.bind(
                        at,
                        options.media().udpReceiveBufferBytes(),
                        options.shared(),
                        options.filtered());
        ReceiveThread receiveThread;
        try (Arena scratch = Arena.ofConfined()) {
            configure(new SocketOptions(scratch), socket, options);
            Set<Path> before = ReceiveThread.running();
            check(SrtNatives.srt_bind_acquire(socket, udp.descriptor()), "take over a UDP socket");
            receiveThread = ReceiveThread.newSince(before);
            check(
                    SrtNatives.srt_listen_callback(socket, hook.address(), 0),
                    "install the listen callback");
            check(SrtNatives.srt_listen(socket, BACKLOG), "listen");
        } catch (RuntimeException e) {
            SrtNatives.srt_close(socket);
            udp.close();
            throw e;
        }
        LibSrtListener listener = new LibSrtListener(this, socket, udp, receiveThread, hook);
        synchronized (listeners) {
            listeners.add(listener);
        }
        return listener;
    }

    @Override
    public SrtConnection call(InetSocketAddress to, SrtCallOptions options) {
        int socket = SrtNatives.srt_create_socket();
        try (Arena scratch = Arena.ofConfined()) {
            SocketOptions flags = new SocketOptions(scratch);
            flags.set(socket, SrtNatives.RCVLATENCY, options.latencyMs());
            flags.set(socket, SrtNatives.TSBPDMODE, !options.immediate());
            flags.set(socket, SrtNatives.FC, options.sizes().flowWindowPackets());
            flags.set(socket, SrtNatives.RCVBUF, options.sizes().receiveBufferBytes());
            flags.set(socket, SrtNatives.CONNTIMEO, options.connectTimeoutMs());
            flags.set(socket, SrtNatives.PEERIDLETIMEO, options.peerIdleMs());
            flags.set(socket, SrtNatives.LOSSMAXTTL, options.reorderPackets());
            if (!options.packetFilter().isEmpty()) {
                flags.set(socket, SrtNatives.PACKETFILTER, options.packetFilter());
            }
            if (!options.streamId().isEmpty()) {
                flags.set(socket, SrtNatives.STREAMID, options.streamId());
            }
            if (!options.passphrase().isEmpty()) {
                flags.set(socket, SrtNatives.PASSPHRASE, options.passphrase());
                flags.set(socket, SrtNatives.PBKEYLEN, options.keyBytes());
            }
            MemorySegment address = scratch.allocate(SocketAddresses.MAX_BYTES, 8);
            int length = SocketAddresses.write(to, address);
            if (SrtNatives.srt_connect(socket, address.address(), length) != 0) {
                String error = lastError();
                throw new SrtException(error, SrtNatives.srt_getrejectreason(socket));
            }
            flags.set(socket, SrtNatives.RCVSYN, false);
            flags.set(socket, SrtNatives.SNDSYN, false);
        } catch (RuntimeException e) {
            SrtNatives.srt_close(socket);
            throw e;
        }
        LibSrtConnection connection = new LibSrtConnection(socket, this);
        open.add(connection);
        return connection;
    }

    @Override
    public void watch(SrtListener listener, Reader reader) {
        mailbox.add(() -> add(((LibSrtListener) listener).socket(), SrtNatives.EPOLL_IN, reader));
    }

    @Override
    public void watch(SrtConnection connection, Reader reader) {
        LibSrtConnection ours = (LibSrtConnection) connection;
        open.add(ours);
        // Edge triggered: level triggered would report again and again until the session has read.
        mailbox.add(() ->
                add(
                        ours.socket(),
                        SrtNatives.EPOLL_IN | SrtNatives.EPOLL_ERR | SrtNatives.EPOLL_ET,
                        reader));
    }

    @Override
    public void look(SrtConnection connection) {
        mailbox.add(() -> read(((LibSrtConnection) connection).socket()));
    }

    @Override
    public void poll() {
        for (Runnable letter = mailbox.poll(); letter != null; letter = mailbox.poll()) {
            letter.run();
        }
        readUnread();
        int count;
        do {
            count = SrtNatives.srt_epoll_uwait(epoll, events.address(), MAX_EVENTS, 0);
            // Before 1.5.5 libsrt answers size + 1 when more are ready than fit.
            for (int i = 0; i < Math.min(count, MAX_EVENTS); i++) {
                read(events.get(ValueLayout.JAVA_INT, (long) i * EVENT_BYTES));
            }
        } while (count > MAX_EVENTS);
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        synchronized (listeners) {
            List.copyOf(listeners).forEach(LibSrtListener::close);
        }
        List.copyOf(open).forEach(LibSrtConnection::close);
        SrtNatives.srt_epoll_release(epoll);
        // Joins libsrt's threads; without it the process's end may hang in libsrt's static
        // destructors.
        SrtNatives.srt_cleanup();
        arena.close();
    }

    /** The polling thread only: it owns the memory. */
    Optional<SrtFigures> figures(int socket) {
        return SrtNatives.srt_bstats(socket, statistics.address(), 0) == 0
                ? Optional.of(StatisticsLayout.read(statistics))
                : Optional.empty();
    }

    void forget(LibSrtConnection connection) {
        open.remove(connection);
        remove(connection.socket());
    }

    void forget(LibSrtListener listener) {
        synchronized (listeners) {
            listeners.remove(listener);
        }
        remove(listener.socket());
    }

    static String lastError() {
        long text = SrtNatives.srt_getlasterror_str();
        return text == 0 ? "unknown error" : new Pointer(text).getString(0);
    }

    static String versionText(int version) {
        return ((version >> 16) & 0xff) + "." + ((version >> 8) & 0xff) + "." + (version & 0xff);
    }

    private void add(int socket, int eventMask, Reader reader) {
        watched.put(socket, reader);
        interest.set(ValueLayout.JAVA_INT, 0, eventMask);
        // Refused when it is gone already, which the reader finds out.
        SrtNatives.srt_epoll_add_usock(epoll, socket, interest.address());
        // What came, or went, before it was watched is no edge for libsrt.
        read(socket);
    }

    private void read(int socket) {
        // Whoever left something has its turn once a poll, or it would leave nothing.
        if (!isUnread(socket) && watched.run(socket)) {
            if (unreadCount == unread.length) {
                unread = Arrays.copyOf(unread, 2 * unreadCount);
            }
            unread[unreadCount++] = socket;
        }
    }

    /** libsrt reports what is new only, so those that left something are asked without it. */
    private void readUnread() {
        int left = 0;
        for (int i = 0; i < unreadCount; i++) {
            if (watched.run(unread[i])) {
                unread[left++] = unread[i];
            }
        }
        unreadCount = left;
    }

    private boolean isUnread(int socket) {
        for (int i = 0; i < unreadCount; i++) {
            if (unread[i] == socket) {
                return true;
            }
        }
        return false;
    }

    private void remove(int socket) {
        SrtNatives.srt_epoll_remove_usock(epoll, socket);
        mailbox.add(() -> watched.remove(socket));
    }

    private static void configure(SocketOptions flags, int socket, SrtListenOptions options) {
        SrtSettings.Media media = options.media();
        int latencyMs = Math.toIntExact(media.latency().toMillis());
        BufferSizes sizes = media.sizes(latencyMs);
        flags.set(socket, SrtNatives.RCVSYN, false);
        flags.set(socket, SrtNatives.RCVLATENCY, latencyMs);
        flags.set(socket, SrtNatives.TSBPDMODE, !media.immediate());
        // libsrt cuts the receive buffer to the flow window, so that comes first.
        flags.set(socket, SrtNatives.FC, sizes.flowWindowPackets());
        flags.set(socket, SrtNatives.RCVBUF, sizes.receiveBufferBytes());
        flags.set(socket, SrtNatives.UDP_RCVBUF, media.udpReceiveBufferBytes());
        flags.set(socket, SrtNatives.PAYLOADSIZE, media.payloadBytes());
        flags.set(socket, SrtNatives.PEERIDLETIMEO, Math.toIntExact(media.peerIdle().toMillis()));
        flags.set(socket, SrtNatives.LOSSMAXTTL, media.reorderPackets());
        flags.set(socket, SrtNatives.MINVERSION, OLDEST_PEER);
        flags.set(socket, SrtNatives.ENFORCEDENCRYPTION, options.encryptionEnforced());
        if (media.inputKbps() > 0) {
            long bytesPerSecond = media.inputKbps() * 125;
            flags.set(socket, SrtNatives.INPUTBW, bytesPerSecond);
            flags.set(socket, SrtNatives.MAXBW, bytesPerSecond * media.maxBandwidthPercent() / 100);
        }
        if (!media.packetFilter().isEmpty()) {
            flags.set(socket, SrtNatives.PACKETFILTER, media.packetFilter());
        }
    }

    private static void check(int result, String what) {
        if (result != 0) {
            throw new SrtException("libsrt can't " + what + ": " + lastError());
        }
    }
}
