package live.mirror.receive.rtp;

import live.mirror.stream.Admission;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

/** What inputs need of their receiver. Called by the tick thread. */
interface SessionStarter {

    Admission admission();

    WallClock clock();

    /** Whether another session may be started. */
    boolean hasRoom();

    /** Starts a session, which then claims its stream. */
    RtpSession start(
            Input input, SessionPlan plan, String source, @Nullable RtpSession predecessor);

    /** Refuses a source after its session has ended, for as long as the reason asks for. */
    void refuse(Candidates candidates, Source source, Reason reason, long nowNs);
}
