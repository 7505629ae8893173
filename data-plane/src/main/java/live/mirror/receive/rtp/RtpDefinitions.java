package live.mirror.receive.rtp;

import live.mirror.receive.udp.Membership;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.SessionDescription;
import live.mirror.stream.Definition;
import live.mirror.v1.Protocol;
import live.mirror.v1.RtpIngest;
import live.mirror.v1.RtpIngestLeg;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;

/**
 * Brings the operator's definitions to the receiver. A thread of its own opens and closes ports,
 * since that may wait; of several tables that come meanwhile the last one counts. A port that can't
 * be had, for instance because its network interface is not there yet, is tried again.
 */
public final class RtpDefinitions implements AutoCloseable {

    private static final Logger LOG = System.getLogger(RtpDefinitions.class.getName());

    private static final long TRY_AGAIN_NS = 1_000_000_000;

    private final RtpReceiver receiver;
    private final String workerId;
    private final Thread thread;
    private volatile boolean closed;

    // Put in by the link's thread, taken out by this one.
    private volatile List<RtpDefinition> wanted = List.of();

    /** Follows definitions from {@link #take} on. */
    public RtpDefinitions(RtpReceiver receiver, String workerId) {
        this.receiver = receiver;
        this.workerId = workerId;
        thread = Thread.ofVirtual().name("rtp-definitions").start(this::follow);
    }

    /** These hold from now on. Never blocks. */
    public void take(Collection<Definition> definitions) {
        List<RtpDefinition> readable = new ArrayList<>();
        for (Definition definition : definitions) {
            boolean forRtp =
                    !definition.disabled() && definition.protocol() != Protocol.PROTOCOL_SRT;
            definition
                    .rtp()
                    .filter(rtp -> forRtp && isForThisWorker(rtp))
                    .ifPresent(rtp -> read(definition, rtp, readable));
        }
        wanted = List.copyOf(readable);
        LockSupport.unpark(thread);
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    private boolean isForThisWorker(RtpIngest rtp) {
        return rtp.getWorker().isEmpty() || rtp.getWorker().equals(workerId);
    }

    private void follow() {
        List<RtpDefinition> inForce = List.of();
        Map<RtpDefinition, String> problems = Map.of();
        while (!closed) {
            List<RtpDefinition> next = wanted;
            if (next.equals(inForce) && problems.isEmpty()) {
                LockSupport.park(this);
            } else {
                inForce = next;
                problems = define(next, problems);
                if (!problems.isEmpty()) {
                    LockSupport.parkNanos(this, TRY_AGAIN_NS);
                }
            }
        }
    }

    /** Tells of each problem once, and returns those that there are. */
    private Map<RtpDefinition, String> define(
            List<RtpDefinition> definitions, Map<RtpDefinition, String> told) {
        Map<RtpDefinition, String> problems = receiver.define(definitions);
        problems.forEach((definition, problem) -> {
            if (!problem.equals(told.get(definition))) {
                LOG.log(
                        Level.WARNING,
                        "stream {0}: no RTP port for now: {1}",
                        definition.stream(),
                        problem);
            }
        });
        return problems;
    }

    private static void read(Definition definition, RtpIngest rtp, List<RtpDefinition> into) {
        try {
            into.add(read(definition, rtp));
        } catch (IllegalArgumentException e) {
            LOG.log(
                    Level.WARNING,
                    "stream {0}: its definition for RTP can''t be used: {1}",
                    definition.id(),
                    e.getMessage());
        }
    }

    /**
     * What a definition says, as the receiver wants it.
     *
     * @throws IllegalArgumentException when it can't be received so
     */
    static RtpDefinition read(Definition definition, RtpIngest rtp) {
        List<RtpLeg> legs = new ArrayList<>();
        for (RtpIngestLeg leg : rtp.getLegsList()) {
            legs.add(leg(leg));
        }
        Map<Integer, MediaFormat> formats =
                rtp.getSdp().isEmpty()
                        ? Map.of()
                        : SessionDescription.parse(rtp.getSdp()).formats();
        return new RtpDefinition(
                definition.id(),
                rtp.hasSsrc() ? OptionalInt.of(rtp.getSsrc()) : OptionalInt.empty(),
                legs,
                addresses(rtp.getAllowedSourcesList()),
                formats,
                rtp.getParity(),
                rtp.hasReorderMs()
                        ? Optional.of(Duration.ofMillis(rtp.getReorderMs()))
                        : Optional.empty(),
                Duration.ofMillis(rtp.getSkewMs()),
                definition.expectedKbps());
    }

    private static RtpLeg leg(RtpIngestLeg leg) {
        if (leg.getGroup().isEmpty()) {
            String address = leg.getAddress().isEmpty() ? "0.0.0.0" : leg.getAddress();
            return new RtpLeg(new InetSocketAddress(address(address), leg.getPort()));
        }
        return RtpLeg.multicast(
                new Membership(
                        address(leg.getGroup()),
                        leg.getInterface(),
                        addresses(leg.getGroupSourcesList())),
                leg.getPort());
    }

    private static List<InetAddress> addresses(List<String> texts) {
        List<InetAddress> addresses = new ArrayList<>();
        for (String text : texts) {
            addresses.add(address(text));
        }
        return addresses;
    }

    private static InetAddress address(String literal) {
        // Never asks a name server.
        return InetAddress.ofLiteral(literal);
    }
}
