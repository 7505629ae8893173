package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.stream.Admission;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** Listens for publishers and gives each its session. Accepts on the tick's thread. */
public final class SrtReceiver implements AutoCloseable {

    /** How long sessions and their connections may take to end when the receiver closes. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    private static final System.Logger LOG = System.getLogger(SrtReceiver.class.getName());

    private final SrtTransport transport;
    private final SrtCapabilities capabilities;
    private final IngestGate gate;
    private final IngestGate rehearsal;
    private final GateTimes gateTimes = new GateTimes();
    private final SessionContext context;
    private final SrtPuller puller;
    private final SrtPorts ports;
    private final SrtTick tick;
    private final Set<SrtSession> sessions = ConcurrentHashMap.newKeySet();
    private final ExecutorService sessionThreads =
            Executors.newThreadPerTaskExecutor(
                    Thread.ofVirtual().name("srt-session-", 0).factory());
    private final Reaper reaper;

    private SrtReceiver(
            SrtSettings settings,
            SrtTransport transport,
            Admission admission,
            LiveStreams streams,
            Definitions definitions,
            Pulls pulls,
            Refusals refusals,
            InstantSource clock) {
        this.transport = transport;
        this.reaper = new Reaper(transport);
        this.ports = new SrtPorts(settings.media().udpReceiveBufferBytes(), System.nanoTime());
        this.capabilities = transport.capabilities();
        LogBudget log = new LogBudget();
        this.tick = new SrtTick(transport, settings.tick().toNanos(), new TickWork(), log);
        this.gate = new IngestGate(settings, admission, streams, definitions, refusals, clock);
        this.rehearsal = Rehearsal.gate(settings, admission, clock);
        this.context =
                new SessionContext(settings, transport, admission, streams, gate, clock, log);
        try {
            int first = listen(settings, settings.listen(), settings.boundTo());
            for (SrtSettings.BoundPort port : settings.morePorts()) {
                listen(settings, settings.listen().withPort(port.port()), port.boundTo());
            }
            LOG.log(
                    System.Logger.Level.INFO,
                    "SRT on port {0,number,#} with {1}; {2} socket(s), receive buffer {3,number,#}"
                            + " KiB each",
                    first,
                    capabilities,
                    ports.addresses().size(),
                    ports.receiveBufferBytes() >> 10);
        } catch (RuntimeException e) {
            transport.close();
            throw e;
        }
        this.puller = new SrtPuller(context, definitions, pulls, sessionThreads, this::runPulled);
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
            Definitions definitions,
            Pulls pulls,
            Refusals refusals,
            InstantSource clock) {
        SrtReceiver receiver =
                new SrtReceiver(
                        settings,
                        transport,
                        admission,
                        streams,
                        definitions,
                        pulls,
                        refusals,
                        clock);
        receiver.tick.start();
        return receiver;
    }

    /** Where it listens, with the port that the system chose; the first of several. */
    public InetSocketAddress address() {
        return ports.addresses().getFirst();
    }

    /** Where it listens, every socket of every port. */
    public List<InetSocketAddress> addresses() {
        return ports.addresses();
    }

    /** What the SRT library can do. */
    public SrtCapabilities capabilities() {
        return capabilities;
    }

    /** How many sources this worker is to fetch. */
    public int pulledSources() {
        return puller.count();
    }

    /** How many publishers are connected. */
    public int sessions() {
        return sessions.size();
    }

    /**
     * Share of one core that each socket's receive thread used in the last second; 1 is a full
     * core.
     */
    public List<Double> receiveThreadShares() {
        return ports.receiveThreadShares();
    }

    /** Handshakes that the gate decided on. */
    public long gateDecisions() {
        return gateTimes.count();
    }

    /**
     * Of these, those over which it took 200 µs or longer, while no stream of the port was read.
     */
    public long slowGateDecisions() {
        return gateTimes.slow();
    }

    /** How long it takes at most over 99 of 100 handshakes, in seconds. */
    public double gateP99Seconds() {
        return gateTimes.percentileNs(0.99) / 1e9;
    }

    /** Datagrams that the kernel dropped, by the packet filter or because a buffer was full. */
    public long droppedDatagrams() {
        return ports.droppedDatagrams();
    }

    /** Of these, the ones that the packet filter dropped. */
    public long filteredDatagrams() {
        return ports.drops().filtered();
    }

    /** Of these, the ones that found a buffer full: at most, since the kernel tells it per host. */
    public long overflowedDatagrams() {
        return ports.drops().overflowed();
    }

    /** What the system granted as the receive buffer of each socket, in bytes. */
    public int udpReceiveBufferBytes() {
        return ports.receiveBufferBytes();
    }

    /**
     * Why nobody new should come, if so: a receive thread is stuck or has more to do than it can.
     */
    public Optional<String> problem() {
        return ports.problem();
    }

    /**
     * What a publisher would be told now; nothing is counted. Any thread.
     *
     * @param streamId as it would come over the wire
     * @param port the UDP port that it calls; 0 means the first one
     * @param source from where
     * @return empty when this is no port of ours
     */
    public Optional<ExplainIngestResponse> explain(
            String streamId, int port, InetSocketAddress source) {
        return ports.find(port)
                .map(each ->
                        gate.explain(streamId, each.boundTo(), source).toBuilder()
                                .setPort(each.listener().address().getPort())
                                .build());
    }

    /** From now on callers are refused with DRAINING; running sessions go on. */
    public void drain() {
        gate.drain();
    }

    /** Takes callers again. */
    public void undrain() {
        gate.undrain();
    }

    /** Ends all sessions and gives libsrt back; takes about {@link #GRACE} at most. */
    @Override
    public void close() {
        drain();
        puller.close();
        sessions.forEach(session -> session.close(Reason.REASON_DRAINING));
        try {
            sessionThreads.shutdown();
            awaitSessions();
            puller.awaitCalls(GRACE);
            tick.stop();
            reaper.shutDown(GRACE);
        } catch (InterruptedException e) {
            // Whoever is in a hurry gets the rest at once.
            Thread.currentThread().interrupt();
        }
        transport.close();
    }

    /** Listens on one port with all its shards; answers the port. */
    private int listen(SrtSettings settings, HostPort at, Optional<StreamId> boundTo) {
        SrtListenOptions options =
                new SrtListenOptions(
                        settings.media(),
                        settings.encryption().enforced(),
                        settings.shards() > 1,
                        settings.filter());
        SrtGate portGate = new PortGate(boundTo);
        InetSocketAddress address = at.toSocketAddress();
        for (int shard = 0; shard < settings.shards(); shard++) {
            SrtListener listener = transport.listen(address, options, portGate);
            address = listener.address();
            ports.add(listener, boundTo, System.nanoTime());
            transport.watch(listener, () -> accept(listener));
        }
        return address.getPort();
    }

    private void awaitSessions() throws InterruptedException {
        if (!sessionThreads.awaitTermination(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "sessions did not end within {0,number,#} ms",
                    GRACE.toMillis());
            sessionThreads.shutdownNow();
        }
    }

    /** Leaves nobody waiting. */
    private boolean accept(SrtListener listener) {
        for (@Nullable SrtConnection next = listener.accept();
                next != null;
                next = listener.accept()) {
            SrtConnection connection = next;
            Optional<PendingHandshakes.Pending> pending = gate.accepted(connection.attempt());
            if (pending.isEmpty()) {
                // It took longer than anybody honest needs, and was given up.
                reaper.close(connection);
            } else {
                SrtSession session = SrtSession.admitted(connection, pending.get(), context);
                sessions.add(session);
                sessionThreads.execute(() -> run(session, connection));
            }
        }
        return false;
    }

    private Outcome runPulled(SrtSession session, SrtConnection connection) {
        sessions.add(session);
        // It may sleep long while nobody is connected.
        tick.wake();
        return run(session, connection);
    }

    private Outcome run(SrtSession session, SrtConnection connection) {
        try {
            return session.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Outcome(Reason.REASON_DRAINING, "interrupted", false);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "a session ended by a fault", e);
            return new Outcome(Reason.REASON_INTERNAL, "a fault of Mirror itself", false);
        } finally {
            sessions.remove(session);
            session.endVigil();
            reaper.close(connection);
        }
    }

    /** The gate as one port has it. */
    private final class PortGate implements SrtGate {
        private final Optional<StreamId> boundTo;

        PortGate(Optional<StreamId> boundTo) {
            this.boundTo = boundTo;
        }

        @Override
        public int decide(SrtHandshake handshake) {
            if (handshake.rehearsal()) {
                return rehearsal.decide(handshake, boundTo);
            }
            long beganNs = System.nanoTime();
            int decision = gate.decide(handshake, boundTo);
            gateTimes.add(System.nanoTime() - beganNs);
            return decision;
        }

        @Override
        public List<String> rehearsals() {
            return Rehearsal.STREAM_IDS;
        }
    }

    /** What the tick's thread does for the receiver. */
    private final class TickWork implements SrtTick.Work {

        private void shutOut(Set<InetAddress> sources) {
            ports.shutOut(sources);
            context.log()
                    .info(
                            LOG,
                            "handshakes of {0} address(es) that ask too often are not heard for {1}"
                                    + " s: {2}",
                            sources.size(),
                            Floods.LENGTH.toSeconds(),
                            sources);
        }

        @Override
        public boolean busy() {
            return !sessions.isEmpty() || gate.awaitsAnybody();
        }

        @Override
        public void looked(long nowNs) {
            // At once, so that somebody who guesses passphrases is shut out after a few.
            if (gate.awaitsAnybody()) {
                gate.sweep(transport, nowNs);
            }
        }

        @Override
        public void pulse(long nowNs) {
            sessions.forEach(session -> session.pulse(nowNs));
            gate.floods(nowNs).ifPresent(this::shutOut);
            ports.pulse(nowNs);
        }
    }
}
