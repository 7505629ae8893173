package live.mirror.stream;

import live.mirror.v1.Reason;

/** Hears of every change of a stream's state, in order. */
@FunctionalInterface
public interface StreamListener {

    /**
     * A stream changed its state. Called with the stream's lock held: the listener neither blocks
     * nor changes the stream, it notes what happened and wakes whoever has to act.
     *
     * @param from the state before; the same as {@code to} when the stream has just begun
     * @param to the state now
     * @param reason why, or REASON_UNSPECIFIED when a publisher's arrival is the cause
     */
    void stateChanged(LiveStream stream, StreamState from, StreamState to, Reason reason);
}
