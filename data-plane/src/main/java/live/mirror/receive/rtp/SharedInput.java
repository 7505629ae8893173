package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
import live.mirror.receive.udp.UdpSocket;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The port that many sources share. A source is known by its SSRC: a definition says which stream
 * it is, or, in open mode, it becomes {@code rtp_<ssrc>}.
 */
final class SharedInput extends Input {

    private static final int CANDIDATES = 4096;
    private static final int PROBATIONS = 256;

    /** RTCP may wait for so many ticks, less one: a look at an empty socket costs a call. */
    private static final int RTCP_TICKS = 8;

    /**
     * Packets in a second, at one socket, beyond which the kernel's stamps are not asked for any
     * more, and below half of which they are again. A stamp costs a tenth of a packet's reception;
     * without it a packet has come at its tick.
     */
    private static final long STAMPS_UP_TO = 16_000;

    private final IntMap<Source> sources = new IntMap<>();
    private final long[] receivedBefore;
    private Map<Integer, RtpDefinition> definitions = Map.of();
    private int ticks;

    SharedInput(SessionStarter starter, RtpSettings settings, List<Endpoint> endpoints) {
        super(starter, settings, endpoints, CANDIDATES, PROBATIONS);
        receivedBefore = new long[endpoints.size()];
    }

    @Override
    int drain(long nowNs) {
        ticks++;
        int total = 0;
        for (int i = 0; i < endpoints().size(); i++) {
            Endpoint endpoint = endpoints().get(i);
            if (endpoint.channel() == Channel.MEDIA || ticks % RTCP_TICKS == 0) {
                total += drain(endpoint, nowNs);
            }
        }
        return total;
    }

    @Override
    void survey(long intervalNs) {
        super.survey(intervalNs);
        for (int i = 0; i < receivedBefore.length; i++) {
            UdpSocket socket = endpoints().get(i).socket();
            long received = socket.receivedCount();
            long perSecond = (received - receivedBefore[i]) * 1_000_000_000 / intervalNs;
            receivedBefore[i] = received;
            if (perSecond > STAMPS_UP_TO) {
                socket.stamps(false);
            } else if (perSecond < STAMPS_UP_TO / 2) {
                socket.stamps(true);
            }
        }
    }

    /** Replaces the definitions; sessions of those that are gone or changed end. */
    void define(Map<Integer, RtpDefinition> bySsrc) {
        Map<Integer, RtpDefinition> before = definitions;
        if (bySsrc.equals(before)) {
            // Who is refused stays so.
            return;
        }
        definitions = bySsrc;
        candidates.clear();
        sources.forEach(source -> {
            RtpDefinition old = before.get(source.ssrc);
            RtpDefinition now = bySsrc.get(source.ssrc);
            if (old != null && !old.equals(now)) {
                source.session.close(Reason.REASON_STOPPED_BY_OPERATOR);
            }
        });
    }

    @Override
    @Nullable Source pinned(int ssrc, int leg) {
        return sources.get(ssrc);
    }

    @Override
    Resolution resolve(int ssrc, InetSocketAddress peer) {
        RtpDefinition definition = definitions.get(ssrc);
        if (definition != null) {
            return definition.allows(peer.getAddress())
                    ? new Resolution.Found(SessionPlan.of(definition, settings))
                    : new Resolution.NotAllowed();
        }
        if (!settings.open()) {
            return new Resolution.Unknown();
        }
        StreamId stream = new StreamId("rtp_" + Integer.toUnsignedString(ssrc));
        return new Resolution.Found(SessionPlan.of(stream, settings));
    }

    @Override
    void pin(Source source, int leg) {
        sources.put(source.ssrc, source);
    }

    @Override
    @Nullable RtpSession sibling(int ssrc, int leg, long nowNs) {
        return null;
    }

    @Override
    void ended(RtpSession session, Reason reason, long nowNs) {
        List<Source> gone = new ArrayList<>();
        sources.forEach(source -> {
            if (source.session == session) {
                gone.add(source);
            }
        });
        for (Source source : gone) {
            sources.remove(source.ssrc);
            starter.refuse(candidates, source, reason, nowNs);
        }
    }

    @Override
    int sourceCount() {
        return sources.size();
    }

    @Override
    void closeSessions(Reason reason) {
        sources.forEach(source -> source.session.close(reason));
    }
}
