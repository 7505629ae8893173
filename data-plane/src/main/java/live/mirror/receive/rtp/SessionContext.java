package live.mirror.receive.rtp;

import live.mirror.stream.Admission;
import live.mirror.stream.LiveStreams;
import live.mirror.v1.Reason;

import java.util.function.BiConsumer;

/**
 * What all sessions of a receiver share.
 *
 * @param admission decides on them
 * @param streams what they feed
 * @param clock for arrival times
 * @param backlogBytes what a session may keep before its admission
 * @param ownSsrc our source identifier in RTCP
 * @param canonicalName our name in RTCP
 * @param observer hears from a session's thread that it was admitted, and that this is over
 * @param onEnd hears from a session's thread that it has ended, and why
 */
record SessionContext(
        Admission admission,
        LiveStreams streams,
        WallClock clock,
        int backlogBytes,
        int ownSsrc,
        String canonicalName,
        RtpObserver observer,
        BiConsumer<RtpSession, Reason> onEnd) {

    void sessionEnded(RtpSession session, Reason reason) {
        onEnd.accept(session, reason);
    }
}
