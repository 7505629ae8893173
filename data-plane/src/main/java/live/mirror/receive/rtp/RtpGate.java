package live.mirror.receive.rtp;

import live.mirror.receive.udp.PeerAddress;
import live.mirror.stream.Admission;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.Refusals;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Optional;

/** Decides from memory whether a source whose probation is over gets a session. Tick thread. */
final class RtpGate {

    private final Admission admission;
    private final Definitions definitions;
    private final Refusals refusals;
    private final InstantSource systemClock;

    RtpGate(
            Admission admission,
            Definitions definitions,
            Refusals refusals,
            InstantSource systemClock) {
        this.admission = admission;
        this.definitions = definitions;
        this.refusals = refusals;
        this.systemClock = systemClock;
    }

    /** Whether a source may claim its stream; notes it when not. */
    boolean lets(SessionPlan plan, InetSocketAddress source) {
        Reason reason = decide(plan, source);
        if (reason == Reason.REASON_UNSPECIFIED) {
            return true;
        }
        if (refusals.hasRoom()) {
            refusals.add(
                    new Refusals.Refusal(
                            Protocol.PROTOCOL_RTP,
                            PeerAddress.of(source).toString(),
                            plan.stream().value(),
                            reason,
                            "refused at the RTP gate",
                            systemClock.millis()));
        } else {
            refusals.count();
        }
        return false;
    }

    private Reason decide(SessionPlan plan, InetSocketAddress source) {
        Optional<Definition> definition = definitions.find(plan.stream());
        if (definition.isEmpty() && definitions.definedOnly()) {
            return Reason.REASON_NOT_DEFINED;
        }
        if (definition.isPresent()) {
            if (definition.get().disabled()) {
                return Reason.REASON_DISABLED;
            }
            if (definition.get().protocol() == Protocol.PROTOCOL_SRT) {
                return Reason.REASON_FORBIDDEN;
            }
            if (!definition.get().publishKey().isEmpty() && !plan.defined()) {
                // RTP can't show a key; the operator's mapping of port or SSRC stands for it.
                return Reason.REASON_UNAUTHORIZED;
            }
        }
        return admission.gate(plan.stream(), Protocol.PROTOCOL_RTP, source);
    }
}
