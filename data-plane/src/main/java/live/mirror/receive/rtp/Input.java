package live.mirror.receive.rtp;

import live.mirror.receive.udp.PeerAddress;
import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.RtcpReader;
import live.mirror.rtp.RtpPacket;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * Sockets whose datagrams belong together: the shared port, or the legs of one definition. Decides
 * for each datagram to which session it goes. Belongs to the tick thread.
 */
abstract sealed class Input permits SharedInput, DedicatedInput {

    /** Reads of one socket in one tick; more than a second's worth of the fastest stream. */
    static final int MAX_BATCHES = 4096;

    private static final int RTP_VERSION = 2;

    final SessionStarter starter;
    final RtpSettings settings;
    final PortCounters counters = new PortCounters();
    final Candidates candidates;
    final long silenceNs;
    private final List<Endpoint> endpoints;
    private final byte[] scratch;
    private final RtpPacket probe = new RtpPacket();

    Input(
            SessionStarter starter,
            RtpSettings settings,
            List<Endpoint> endpoints,
            int places,
            int shares) {
        this.starter = starter;
        this.settings = settings;
        this.endpoints = endpoints;
        scratch = new byte[settings.maxDatagramBytes()];
        silenceNs = settings.sourceSilence().toNanos();
        candidates = new Candidates(places, shares, settings.maxDatagramBytes(), silenceNs);
    }

    List<Endpoint> endpoints() {
        return endpoints;
    }

    /** The source that is pinned for this SSRC and leg. */
    abstract @Nullable Source pinned(int ssrc, int leg);

    /** Which session a source gets, or why none. */
    abstract Resolution resolve(int ssrc, InetSocketAddress peer);

    /** Pins a source. */
    abstract void pin(Source source, int leg);

    /** The session of the other leg that a source of this SSRC belongs to. */
    abstract @Nullable RtpSession sibling(int ssrc, int leg, long nowNs);

    /** A session has ended: its sources are not pinned any more, and refused for a while. */
    abstract void ended(RtpSession session, Reason reason, long nowNs);

    /** How many sources are pinned. */
    abstract int sourceCount();

    /** Ends all sessions. */
    abstract void closeSessions(Reason reason);

    /** Takes all that is there; answers how many datagrams. */
    abstract int drain(long nowNs);

    /** Looks after the sockets, some times a second. */
    void survey(long intervalNs) {
        for (Endpoint endpoint : endpoints) {
            endpoint.socket().countDrops();
        }
    }

    /** Takes all that is there at one socket; answers how many datagrams. */
    final int drain(Endpoint endpoint, long nowNs) {
        UdpSocket socket = endpoint.socket();
        int total = 0;
        int count = UdpSocket.BATCH;
        for (int batch = 0; batch < MAX_BATCHES && count == UdpSocket.BATCH; batch++) {
            count = socket.receive();
            for (int i = 0; i < count; i++) {
                long arrivalNs = starter.clock().monotonic(socket.takeArrivalNs(i), nowNs);
                datagram(endpoint, i, arrivalNs, nowNs);
            }
            total += count;
        }
        return total;
    }

    final void closeSockets() {
        endpoints.forEach(endpoint -> endpoint.socket().close());
    }

    final void datagram(Endpoint endpoint, int index, long arrivalNs, long nowNs) {
        UdpSocket socket = endpoint.socket();
        int length = socket.length(index);
        counters.datagrams++;
        counters.bytes += length;
        if (socket.truncated(index)) {
            counters.faults().add(PacketFault.OVERSIZE);
        } else if (length < RtcpReader.HEADER_BYTES) {
            counters.faults().add(PacketFault.TRUNCATED);
        } else if (((socket.byteAt(index, 0) >> 6) & 3) != RTP_VERSION) {
            counters.faults().add(PacketFault.WRONG_VERSION);
        } else {
            switch (endpoint.channel()) {
                case MEDIA -> {
                    if (RtcpReader.isRtcp(socket.byteAt(index, 1))) {
                        rtcp(endpoint, index, true, arrivalNs);
                    } else if (length < RtpPacket.HEADER_BYTES) {
                        counters.faults().add(PacketFault.TRUNCATED);
                    } else {
                        media(endpoint, index, arrivalNs, nowNs);
                    }
                }
                case RTCP -> rtcp(endpoint, index, false, arrivalNs);
                case FEC_COLUMN, FEC_ROW -> parity(endpoint, index, arrivalNs);
            }
        }
    }

    private void media(Endpoint endpoint, int index, long arrivalNs, long nowNs) {
        UdpSocket socket = endpoint.socket();
        int ssrc = socket.intAt(index, 8);
        Source source = pinned(ssrc, endpoint.leg());
        if (source == null) {
            candidate(endpoint, index, ssrc, null, arrivalNs, nowNs);
        } else if (source.session.ended() != null) {
            afterTheEnd(endpoint, index, ssrc, source, arrivalNs, nowNs);
        } else if (source.matches(socket, index, ssrc)) {
            source.lastNs = nowNs;
            deliver(source.session, endpoint, Channel.MEDIA, index, arrivalNs);
        } else if (source.isSilent(nowNs, silenceNs)) {
            candidate(endpoint, index, ssrc, source, arrivalNs, nowNs);
        } else {
            counters.foreign++;
        }
    }

    /** The session is over, but its thread is not done: who was lost may be back already. */
    private void afterTheEnd(
            Endpoint endpoint, int index, int ssrc, Source source, long arrivalNs, long nowNs) {
        if (source.session.ended() == Reason.REASON_PUBLISHER_LOST) {
            candidate(endpoint, index, ssrc, source, arrivalNs, nowNs);
        } else {
            counters.refused++;
        }
    }

    private void candidate(
            Endpoint endpoint,
            int index,
            int ssrc,
            @Nullable Source lost,
            long arrivalNs,
            long nowNs) {
        UdpSocket socket = endpoint.socket();
        int place =
                candidates.place(
                        socket.addressHigh(index),
                        socket.addressLow(index),
                        socket.port(index),
                        ssrc,
                        nowNs);
        if (candidates.isRefused(place, nowNs)) {
            counters.refused++;
            return;
        }
        counters.probation++;
        int sequence = socket.intAt(index, 0) & 0xffff;
        if (!candidates.probation(place, sequence, socket, index, arrivalNs)) {
            return;
        }
        PacketFault fault =
                probe.read(
                        candidates.keptBytes(), candidates.lastOffset(place), socket.length(index));
        if (fault != PacketFault.NONE) {
            counters.faults().add(fault);
            candidates.refuse(place, nowNs);
            return;
        }
        promote(endpoint, index, ssrc, place, lost, nowNs);
    }

    /** Probation is over: two sequential packets by the same source. */
    private void promote(
            Endpoint endpoint, int index, int ssrc, int place, @Nullable Source lost, long nowNs) {
        UdpSocket socket = endpoint.socket();
        PeerAddress peer =
                new PeerAddress(
                        socket.addressHigh(index), socket.addressLow(index), socket.port(index));
        RtpSession session = sibling(ssrc, endpoint.leg(), nowNs);
        if (session == null) {
            session = admit(ssrc, peer.toSocketAddress(), lost);
            if (session == null) {
                candidates.refuse(place, nowNs + settings.askAgain().toNanos());
                return;
            }
        }
        Source source = new Source(session, ssrc, peer.high(), peer.low(), peer.port(), nowNs);
        pin(source, endpoint.leg());
        // Until its RTCP is seen, RFC 3550 section 11: the odd port above.
        RtcpTarget usual = rtcpTarget(endpoint, peer);
        if (usual != null) {
            session.rtcpTarget(endpoint.leg(), usual);
        }
        candidates.release(place, session, endpoint.leg());
    }

    /** A new session if memory allows one; its claim is made on its own thread. */
    private @Nullable RtpSession admit(int ssrc, InetSocketAddress peer, @Nullable Source lost) {
        return switch (resolve(ssrc, peer)) {
            case Resolution.Unknown() -> {
                counters.unknown++;
                yield null;
            }
            case Resolution.NotAllowed() -> {
                counters.notAllowed++;
                yield null;
            }
            case Resolution.Found(SessionPlan plan) -> {
                RtpSession predecessor = lost == null ? null : lost.session;
                if (predecessor == null) {
                    if (!starter.hasRoom()) {
                        counters.tableFull++;
                        yield null;
                    }
                    if (!starter.lets(plan, peer)) {
                        yield null;
                    }
                } else {
                    // Silent for so long, it is lost; the newcomer claims when it has ended.
                    predecessor.close(Reason.REASON_PUBLISHER_LOST);
                }
                yield starter.start(this, plan, PeerAddress.of(peer).toString(), predecessor);
            }
        };
    }

    private void rtcp(Endpoint endpoint, int index, boolean multiplexed, long arrivalNs) {
        UdpSocket socket = endpoint.socket();
        Source source = pinned(socket.intAt(index, 4), endpoint.leg());
        boolean genuine =
                source != null
                        && source.ssrc == socket.intAt(index, 4)
                        && source.isFrom(socket, index)
                        && (!multiplexed || source.port == socket.port(index));
        if (source == null || !genuine) {
            counters.rtcpUnknown++;
            return;
        }
        if (source.rtcpFrom(socket.port(index), multiplexed)) {
            source.session.rtcpTarget(
                    endpoint.leg(),
                    new RtcpTarget(
                            socket, new PeerAddress(source.high, source.low, socket.port(index))));
        }
        deliver(source.session, endpoint, Channel.RTCP, index, arrivalNs);
    }

    private void parity(Endpoint endpoint, int index, long arrivalNs) {
        Source source = pinned(0, endpoint.leg());
        if (source != null && source.isFrom(endpoint.socket(), index)) {
            deliver(source.session, endpoint, endpoint.channel(), index, arrivalNs);
        } else {
            counters.foreign++;
        }
    }

    private void deliver(
            RtpSession session, Endpoint endpoint, Channel channel, int index, long arrivalNs) {
        UdpSocket socket = endpoint.socket();
        int length = socket.length(index);
        socket.copy(index, scratch, 0);
        try {
            if (!session.take(scratch, 0, length, channel, endpoint.leg(), arrivalNs)) {
                counters.backlogFull++;
            }
        } catch (RuntimeException e) {
            session.broke(e);
        }
    }

    private @Nullable RtcpTarget rtcpTarget(Endpoint media, PeerAddress peer) {
        for (Endpoint endpoint : endpoints) {
            if (endpoint.channel() == Channel.RTCP && endpoint.leg() == media.leg()) {
                return peer.port() == 65_535
                        ? null
                        : new RtcpTarget(endpoint.socket(), peer.withPort(peer.port() + 1));
            }
        }
        return null;
    }

    /** Which session a source gets. */
    sealed interface Resolution {
        /** One of this plan. */
        record Found(SessionPlan plan) implements Resolution {}

        /** None: nothing defines it. */
        record Unknown() implements Resolution {}

        /** None: its address is not among those that may send. */
        record NotAllowed() implements Resolution {}
    }
}
