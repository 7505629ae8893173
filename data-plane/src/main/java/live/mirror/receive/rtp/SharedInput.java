package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
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

    private static final int CANDIDATES = 128;

    private final IntMap<Source> sources = new IntMap<>();
    private Map<Integer, RtpDefinition> definitions = Map.of();

    SharedInput(SessionStarter starter, RtpSettings settings, List<Endpoint> endpoints) {
        super(starter, settings, endpoints, CANDIDATES);
    }

    /** Replaces the definitions; sessions of those that are gone or changed end. */
    void define(Map<Integer, RtpDefinition> bySsrc) {
        Map<Integer, RtpDefinition> before = definitions;
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
