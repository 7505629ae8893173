package live.mirror.receive.srt;

import live.mirror.stream.Admission;
import live.mirror.stream.LiveStreams;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Listens for publishers and gives each its session. Accepts on the tick's thread; closes
 * connections on threads of their own, because a close waits for libsrt's threads.
 */
public final class SrtReceiver implements AutoCloseable {

    /** How long sessions and their connections may take to end when the receiver closes. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(SrtReceiver.class.getName());

    private final SrtTransport transport;
    private final Admission admission;
    private final LiveStreams streams;
    private final InstantSource clock;
    private final IngestGate gate;
    private final SrtListener listener;
    private final SrtTick tick;
    private final Set<SrtSession> sessions = ConcurrentHashMap.newKeySet();
    private final ExecutorService sessionThreads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("srt-session-", 0).factory());
    private final ExecutorService reaper =
            Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("srt-reaper").daemon().factory());

    private SrtReceiver(
            SrtSettings settings,
            SrtTransport transport,
            Admission admission,
            LiveStreams streams,
            InstantSource clock) {
        this.transport = transport;
        this.admission = admission;
        this.streams = streams;
        this.clock = clock;
        this.gate = new IngestGate(admission);
        this.listener =
                transport.listen(
                        settings.listen().toSocketAddress(), settings.listenOptions(), gate);
        this.tick = new SrtTick(transport, settings.tick().toNanos(), new TickWork());
    }

    /**
     * Listens from now on.
     *
     * @param transport is closed together with the receiver
     */
    public static SrtReceiver start(
            SrtSettings settings,
            SrtTransport transport,
            Admission admission,
            LiveStreams streams,
            InstantSource clock) {
        SrtReceiver receiver = new SrtReceiver(settings, transport, admission, streams, clock);
        transport.watch(receiver.listener, receiver::accept);
        receiver.tick.start();
        LOG.log(
                System.Logger.Level.INFO,
                "SRT on {0} with {1}, receive buffer {2,number,#} KiB",
                receiver.address(),
                transport.version(),
                receiver.listener.udpReceiveBufferBytes() >> 10);
        return receiver;
    }

    /** Where it listens, with the port that the system chose. */
    public InetSocketAddress address() {
        return listener.address();
    }

    /** How many publishers are connected. */
    public int sessions() {
        return sessions.size();
    }

    /** How many callers were refused at the gate. */
    public long refusals() {
        return gate.refusals();
    }

    /** From now on callers are refused with DRAINING; running sessions go on. */
    public void drain() {
        gate.drain();
    }

    /** Ends all sessions and gives libsrt back; takes about {@link #GRACE} at most. */
    @Override
    public void close() {
        drain();
        sessions.forEach(session -> session.close(Reason.REASON_DRAINING));
        try {
            sessionThreads.shutdown();
            await(sessionThreads, "sessions");
            tick.stop();
            reaper.shutdown();
            await(reaper, "connections");
        } catch (InterruptedException e) {
            // Whoever is in a hurry gets the rest at once.
            Thread.currentThread().interrupt();
        }
        transport.close();
    }

    private static void await(ExecutorService executor, String what) throws InterruptedException {
        if (!executor.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} did not end within {1,number,#} ms",
                    what,
                    GRACE.toMillis());
            executor.shutdownNow();
        }
    }

    private void accept() {
        for (@Nullable SrtConnection next = listener.accept();
                next != null;
                next = listener.accept()) {
            SrtConnection connection = next;
            SrtSession session = new SrtSession(connection, transport, admission, streams, clock);
            sessions.add(session);
            sessionThreads.execute(() -> run(session, connection));
        }
    }

    private void run(SrtSession session, SrtConnection connection) {
        try {
            session.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a session ended by a fault", e);
        } finally {
            sessions.remove(session);
            session.endVigil();
            reaper.execute(connection::close);
        }
    }

    /** What the tick's thread does for the receiver. */
    private final class TickWork implements SrtTick.Work {
        @Override
        public boolean busy() {
            return !sessions.isEmpty();
        }

        @Override
        public void pulse(long nowNs) {
            sessions.forEach(session -> session.pulse(nowNs));
        }
    }
}
