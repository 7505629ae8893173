package live.mirror.receive.rtp;

import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;

/** What inputs need of their receiver. Called by the tick thread. */
interface SessionStarter {

    WallClock clock();

    /** Whether the gate lets a source pass; notes it when not. */
    boolean lets(SessionPlan plan, InetSocketAddress source);

    /** Whether another session may be started. */
    boolean hasRoom();

    /** Starts a session, which then claims its stream. */
    RtpSession start(
            Input input, SessionPlan plan, String source, @Nullable RtpSession predecessor);

    /** Refuses a source after its session has ended, for as long as the reason asks for. */
    void refuse(Candidates candidates, Source source, Reason reason, long nowNs);
}
