package live.mirror.receive.srt;

import live.mirror.contract.Reasons;
import live.mirror.stream.Admission;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;
import java.util.concurrent.atomic.LongAdder;

/**
 * Decides on callers from memory, in the receive thread of their port: is the stream id one, does
 * the port take what it asks for, and is there room for it here.
 */
final class IngestGate implements SrtGate {

    private static final int PASS = 0;

    private final Admission admission;
    private final LongAdder refusals = new LongAdder();
    private volatile boolean draining;

    IngestGate(Admission admission) {
        this.admission = admission;
    }

    @Override
    public int decide(SrtHandshake handshake) {
        Reason reason = reason(handshake);
        if (reason == Reason.REASON_UNSPECIFIED) {
            return PASS;
        }
        if (!handshake.rehearsal()) {
            refusals.increment();
        }
        return Reasons.srtCode(reason);
    }

    /** From now on everybody is told to go elsewhere. */
    void drain() {
        draining = true;
    }

    /** How many callers were refused. */
    long refusals() {
        return refusals.sum();
    }

    private Reason reason(SrtHandshake handshake) {
        if (draining) {
            return Reason.REASON_DRAINING;
        }
        InetSocketAddress source = handshake.peer();
        return switch (PublishRequest.parse(handshake.streamId(), handshake.streamIdLength())) {
            case PublishRequest.Refused(Reason reason, _) -> reason;
            case PublishRequest.Publish request ->
                    admission.gate(request.id(), Protocol.PROTOCOL_SRT, source);
        };
    }
}
