package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.FaultCounters;
import live.mirror.rtp.PacketFault;
import live.mirror.stream.Admission;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Receives RTP for this worker. Owns the sockets and the tick thread that empties them; others hand
 * that thread commands. Sessions run on virtual threads of their own.
 */
public final class RtpReceiver implements AutoCloseable, SessionStarter {

    private static final Logger LOG = System.getLogger(RtpReceiver.class.getName());

    /** When nothing has come for a second, sockets are looked at less often. */
    private static final long QUIET_NS = 1_000_000_000;

    private static final long QUIET_TICK_NS = 10_000_000;
    private static final long CLOCK_INTERVAL_NS = 200_000_000;
    private static final Duration CLOSE_MAY_TAKE = Duration.ofSeconds(2);

    private final RtpSettings settings;
    private final Ports ports;
    private final RtpObserver observer;
    private final RtpGate gate;
    private final DropWatch dropWatch;
    private final WallClock clock;
    private final SessionContext context;
    private final SharedInput shared;
    private final InetSocketAddress address;
    private final long tickNs;
    private final Thread tick;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Queue<Runnable> commands = new ConcurrentLinkedQueue<>();
    private volatile boolean closing;

    // The tick thread's; the map is read by others. The shared input is the first.
    private final List<Input> inputs = new ArrayList<>();
    private final Map<RtpSession, Input> sessions = new ConcurrentHashMap<>();
    private final FaultCounters endedFaults = new FaultCounters();
    private RtpSession[] sessionList = {};
    private long lastDatagramNs;
    private long surveyedNs;
    private long nextNs;
    private long nextClockNs;

    // Guarded by definitionLock.
    private final Object definitionLock = new Object();
    private Map<RtpDefinition, DedicatedInput> opened = Map.of();
    private final PortCounters closedPorts = new PortCounters();

    /**
     * Opens the shared port; nothing is received before {@link #start}.
     *
     * @throws UncheckedIOException when the port can't be had
     */
    public RtpReceiver(
            RtpSettings settings,
            LiveStreams streams,
            Admission admission,
            Definitions definitions,
            Refusals refusals,
            InstantSource systemClock,
            RtpObserver observer) {
        this.settings = settings;
        ports = new Ports(settings);
        this.observer = observer;
        gate = new RtpGate(admission, definitions, refusals, systemClock);
        dropWatch = new DropWatch(settings.receiveBufferBytes(), System.nanoTime());
        this.clock = new WallClock(systemClock);
        tickNs = settings.tick().toNanos();
        RandomGenerator random = RandomGenerator.getDefault();
        context =
                new SessionContext(
                        admission,
                        streams,
                        clock,
                        settings.backlogBytes(),
                        random.nextInt(),
                        "mirror-" + Long.toHexString(random.nextLong()),
                        observer,
                        this::sessionEnded);
        try {
            List<Endpoint> endpoints = ports.openPair(settings.listen().toSocketAddress());
            shared = new SharedInput(this, settings, endpoints);
            inputs.add(shared);
            shared.endpoints().forEach(endpoint -> observer.opened(endpoint.socket()));
            address = endpoints.getFirst().socket().local();
        } catch (IOException e) {
            throw new UncheckedIOException("rtp.listen: " + e.getMessage(), e);
        }
        tick = Thread.ofPlatform().name("rtp-tick").daemon(true).unstarted(this::run);
    }

    /** Begins to receive. */
    public void start() {
        tick.start();
    }

    /** Where sources send to, with the port that the system chose. */
    public InetSocketAddress address() {
        return address;
    }

    /** Counters of the shared port. */
    public PortCounters counters() {
        return shared.counters;
    }

    /** The sockets of all ports, for their figures. */
    public List<UdpSocket> sockets() {
        List<UdpSocket> sockets = new ArrayList<>();
        shared.endpoints().forEach(endpoint -> sockets.add(endpoint.socket()));
        synchronized (definitionLock) {
            opened.values()
                    .forEach(input ->
                            input.endpoints().forEach(endpoint -> sockets.add(endpoint.socket())));
        }
        return sockets;
    }

    /** What all ports together have counted, those that are closed included. */
    public PortCounters allPorts() {
        PortCounters all = new PortCounters();
        all.addAll(shared.counters);
        synchronized (definitionLock) {
            all.addAll(closedPorts);
            opened.values().forEach(input -> all.addAll(input.counters));
        }
        return all;
    }

    /** Malformed datagrams of this kind, of all ports and all sessions that there were. */
    public long faultCount(PacketFault fault) {
        long count = allPorts().faults().count(fault) + endedFaults.count(fault);
        for (RtpFigures figures : figures()) {
            count += figures.faults().count(fault);
        }
        return count;
    }

    /** Sources that have a session, its claim decided or not. Any thread. */
    int sessionCount() {
        return sessions.size();
    }

    /** What each admitted session counts. */
    public List<RtpFigures> figures() {
        return sessions.keySet().stream().flatMap(session -> session.figures().stream()).toList();
    }

    /**
     * Replaces all definitions: opens and closes dedicated ports, ends the sessions of definitions
     * that are gone or changed, leaves the others alone. Any thread.
     *
     * @return what could not be opened, by stream, with the reason; everything else is in force
     */
    public Map<RtpDefinition, String> define(List<RtpDefinition> definitions) {
        Map<RtpDefinition, String> problems = new HashMap<>();
        synchronized (definitionLock) {
            Set<RtpDefinition> wanted = new HashSet<>(definitions);
            Map<RtpDefinition, DedicatedInput> now = new HashMap<>();
            opened.forEach((definition, input) -> {
                if (wanted.contains(definition)) {
                    now.put(definition, input);
                } else {
                    closeAndWait(input);
                }
            });
            Map<Integer, RtpDefinition> bySsrc = new HashMap<>();
            for (RtpDefinition definition : wanted) {
                if (definition.legs().isEmpty()) {
                    definition.ssrc().ifPresent(ssrc -> bySsrc.put(ssrc, definition));
                } else if (!now.containsKey(definition)) {
                    try {
                        DedicatedInput input =
                                new DedicatedInput(
                                        this, settings, definition, ports.open(definition));
                        now.put(definition, input);
                        input.endpoints().forEach(e -> observer.opened(e.socket()));
                        command(() -> inputs.add(input));
                    } catch (IOException e) {
                        problems.put(definition, String.valueOf(e.getMessage()));
                    }
                }
            }
            command(() -> shared.define(Map.copyOf(bySsrc)));
            opened = Map.copyOf(now);
        }
        return problems;
    }

    /** Ends all sessions, then the tick, then the sockets. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        if (!tick.isAlive()) {
            closing = true;
            shared.closeSockets();
            return;
        }
        command(() -> {
            inputs.forEach(input -> input.closeSessions(Reason.REASON_DRAINING));
        });
        long deadlineNs = System.nanoTime() + CLOSE_MAY_TAKE.toNanos();
        try {
            for (RtpSession session : sessions.keySet()) {
                session.close(Reason.REASON_DRAINING);
                session.awaitEnd(Duration.ofNanos(Math.max(0, deadlineNs - System.nanoTime())));
            }
            closing = true;
            LockSupport.unpark(tick);
            stopped.await(CLOSE_MAY_TAKE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            closing = true;
            Thread.currentThread().interrupt();
        }
    }

    // The tick thread.

    private void run() {
        lastDatagramNs = System.nanoTime();
        nextNs = lastDatagramNs;
        nextClockNs = lastDatagramNs;
        try {
            while (!closing) {
                pass(System.nanoTime());
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the RTP tick broke; no RTP is received any more", e);
        } finally {
            inputs.forEach(Input::closeSockets);
            stopped.countDown();
        }
    }

    /** One tick and the pause after it; a method of its own so that it is compiled soon. */
    private void pass(long nowNs) {
        if (nowNs - nextClockNs >= 0) {
            clock.compare(nowNs);
            survey(nowNs);
            nextClockNs = nowNs + CLOCK_INTERVAL_NS;
        }
        if (tickOnce(nowNs) > 0) {
            lastDatagramNs = nowNs;
        }
        long pauseNs = nowNs - lastDatagramNs > QUIET_NS ? QUIET_TICK_NS : tickNs;
        long doneNs = System.nanoTime();
        nextNs = Math.max(nextNs + pauseNs, doneNs);
        LockSupport.parkNanos(nextNs - doneNs);
    }

    private void survey(long nowNs) {
        long intervalNs = Math.max(1, nowNs - surveyedNs);
        surveyedNs = nowNs;
        inputs.forEach(input -> input.survey(intervalNs));
        dropWatch.look(inputs, nowNs);
    }

    private int tickOnce(long nowNs) {
        Runnable command = commands.poll();
        while (command != null) {
            command.run();
            command = commands.poll();
        }
        int datagrams = 0;
        for (int i = 0; i < inputs.size(); i++) {
            datagrams += inputs.get(i).drain(nowNs);
        }
        for (RtpSession session : sessionList) {
            settle(session, nowNs);
        }
        return datagrams;
    }

    private static void settle(RtpSession session, long nowNs) {
        try {
            session.settle(nowNs);
        } catch (RuntimeException e) {
            session.broke(e);
        }
    }

    @Override
    public boolean lets(SessionPlan plan, InetSocketAddress source) {
        return gate.lets(plan, source);
    }

    @Override
    public WallClock clock() {
        return clock;
    }

    @Override
    public boolean hasRoom() {
        return sessions.size() < settings.maxSources();
    }

    @Override
    public RtpSession start(
            Input input, SessionPlan plan, String source, @Nullable RtpSession predecessor) {
        RtpSession session = new RtpSession(context, plan, source, predecessor);
        sessions.put(session, input);
        listSessions();
        session.start();
        return session;
    }

    @Override
    public void refuse(Candidates candidates, Source source, Reason reason, long nowNs) {
        if (reason == Reason.REASON_PUBLISHER_LOST) {
            return;
        }
        int place = candidates.place(source.high, source.low, source.port, source.ssrc, nowNs);
        if (reason == Reason.REASON_STOPPED_BY_OPERATOR) {
            candidates.refuseUntilSilent(place);
        } else {
            candidates.refuse(place, nowNs + settings.askAgain().toNanos());
        }
    }

    /** On the session's thread. */
    private void sessionEnded(RtpSession session, Reason reason) {
        command(() -> {
            Input input = sessions.remove(session);
            session.figures().map(RtpFigures::faults).ifPresent(endedFaults::addAll);
            listSessions();
            if (input != null) {
                input.ended(session, reason, System.nanoTime());
            }
        });
    }

    private void listSessions() {
        sessionList = sessions.keySet().toArray(RtpSession[]::new);
    }

    // Ports.

    private void command(Runnable command) {
        commands.add(command);
    }

    private void closeAndWait(DedicatedInput input) {
        input.endpoints().forEach(endpoint -> observer.closed(endpoint.socket()));
        CountDownLatch done = new CountDownLatch(1);
        command(() -> {
            inputs.remove(input);
            input.closeSessions(Reason.REASON_STOPPED_BY_OPERATOR);
            input.closeSockets();
            done.countDown();
        });
        try {
            // The port may be wanted again by the next definition.
            done.await(CLOSE_MAY_TAKE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closedPorts.addAll(input.counters);
    }
}
