package live.mirror.client;

import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.Ended;
import live.mirror.v1.Reason;
import live.mirror.v1.Started;
import live.mirror.v1.StateChanged;

import java.io.IOException;

/**
 * Takes what a subscription brings, in order, on the thread that runs the {@link MirrorSubscriber}.
 * May block. An exception ends the subscription and comes out of {@link MirrorSubscriber#run}.
 */
public interface SubscriptionHandler {

    /** Media, as they came from the publisher. */
    void onMedia(Chunk chunk) throws IOException;

    /** A break between the media before and the next. */
    default void onDiscontinuity(Discontinuity discontinuity) throws IOException {}

    /** A worker delivers; again after each reconnection, at whichever worker. */
    default void onStarted(Started started) throws IOException {}

    /** The stream changed its status. */
    default void onStateChanged(StateChanged change) throws IOException {}

    /** A worker ended its part; the subscriber looks for another unless the stream is over. */
    default void onEnded(Ended ended) throws IOException {}

    /**
     * The connection broke, or the stream is nowhere just now; the subscriber tries again.
     *
     * @param reason what the end would be told with, if it came to that
     * @param why a sentence for people
     */
    default void onInterrupted(Reason reason, String why) throws IOException {}
}
