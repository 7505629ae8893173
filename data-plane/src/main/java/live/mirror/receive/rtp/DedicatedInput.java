package live.mirror.receive.rtp;

import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.util.List;

/**
 * The ports of one definition: one leg, or two that carry the same packets. One session at a time;
 * each leg's source is pinned for itself, and both have the same SSRC.
 */
final class DedicatedInput extends Input {

    private static final int CANDIDATES = 8;

    private final RtpDefinition definition;
    private final @Nullable Source[] pinned;
    private final ArrivalOrder order;

    DedicatedInput(
            SessionStarter starter,
            RtpSettings settings,
            RtpDefinition definition,
            List<Endpoint> endpoints) {
        super(starter, settings, endpoints, CANDIDATES, CANDIDATES);
        this.definition = definition;
        pinned = new @Nullable Source[definition.legs().size()];
        order = new ArrivalOrder(endpoints, starter.clock());
    }

    @Override
    int drain(long nowNs) {
        int total = 0;
        order.begin(nowNs);
        while (order.advance()) {
            datagram(order.endpoint(), order.index(), order.arrivalNs(), nowNs);
            total++;
        }
        return total;
    }

    RtpDefinition definition() {
        return definition;
    }

    @Override
    @Nullable Source pinned(int ssrc, int leg) {
        return pinned[leg];
    }

    @Override
    Resolution resolve(int ssrc, InetSocketAddress peer) {
        if (definition.ssrc().isPresent() && definition.ssrc().getAsInt() != ssrc) {
            return new Resolution.Unknown();
        }
        return definition.allows(peer.getAddress())
                ? new Resolution.Found(SessionPlan.of(definition, settings))
                : new Resolution.NotAllowed();
    }

    @Override
    void pin(Source source, int leg) {
        Source before = pinned[leg];
        if (before != null && before.session != source.session) {
            // A new session: the other leg has to be found again as well.
            for (int i = 0; i < pinned.length; i++) {
                pinned[i] = null;
            }
        }
        pinned[leg] = source;
    }

    @Override
    @Nullable RtpSession sibling(int ssrc, int leg, long nowNs) {
        for (int i = 0; i < pinned.length; i++) {
            Source source = pinned[i];
            if (i != leg
                    && source != null
                    && source.ssrc == ssrc
                    && source.session.ended() == null
                    && !source.isSilent(nowNs, silenceNs)) {
                return source.session;
            }
        }
        return null;
    }

    @Override
    void ended(RtpSession session, Reason reason, long nowNs) {
        for (int i = 0; i < pinned.length; i++) {
            Source source = pinned[i];
            if (source != null && source.session == session) {
                pinned[i] = null;
                starter.refuse(candidates, source, reason, nowNs);
            }
        }
    }

    @Override
    int sourceCount() {
        int count = 0;
        for (Source source : pinned) {
            count += source == null ? 0 : 1;
        }
        return count;
    }

    @Override
    void closeSessions(Reason reason) {
        for (Source source : pinned) {
            if (source != null) {
                source.session.close(reason);
            }
        }
    }
}
