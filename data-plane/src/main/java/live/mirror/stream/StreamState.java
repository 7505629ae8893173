package live.mirror.stream;

import live.mirror.v1.Reason;
import live.mirror.v1.StreamStatus;

import java.time.Duration;

/**
 * Where a stream stands at this worker. All transitions stand in {@link #next}:
 *
 * <pre>
 *   CONNECTING ──first media──▶ ACTIVE ──publisher lost──▶ RECONNECTING ──admitted──▶ CONNECTING
 *   any but STOPPED ──ended, window over──▶ STOPPED
 *   CONNECTING, ACTIVE ──admitted with a higher epoch (takeover)──▶ CONNECTING
 * </pre>
 */
public sealed interface StreamState {

    /** The epoch of the current or last session. */
    long epoch();

    /** A publisher is admitted and has not sent media yet. */
    record Connecting(long epoch) implements StreamState {}

    /** Media arrives. */
    record Active(long epoch) implements StreamState {}

    /**
     * The publisher is gone and may come back.
     *
     * @param deadlineNs until when, by {@link System#nanoTime}
     */
    record Reconnecting(long epoch, long deadlineNs) implements StreamState {}

    /** Over for good. */
    record Stopped(long epoch, Reason reason) implements StreamState {}

    /** What can happen to a stream. */
    sealed interface Event {
        /** A publisher was admitted. */
        record PublisherAdmitted(long epoch) implements Event {}

        /** The session's first media arrived. */
        record MediaArrived() implements Event {}

        /** The publisher is gone; a window of zero stops at once. */
        record PublisherLost(long nowNs, Duration window) implements Event {}

        /** Somebody ended the stream. */
        record StreamEnded(Reason reason) implements Event {}

        /** Time went by. */
        record TimePassed(long nowNs) implements Event {}
    }

    /**
     * The state that follows; the same object when nothing changes.
     *
     * @throws IllegalStateException when the event can't happen in this state
     */
    static StreamState next(StreamState state, Event event) {
        return switch (event) {
            case Event.PublisherAdmitted(long epoch) ->
                    switch (state) {
                        case Connecting _, Active _, Reconnecting _ when epoch > state.epoch() ->
                                new Connecting(epoch);
                        case Connecting _, Active _, Reconnecting _, Stopped _ ->
                                throw new IllegalStateException(
                                        state + " can't go on with epoch " + epoch);
                    };
            case Event.MediaArrived() ->
                    switch (state) {
                        case Connecting(long epoch) -> new Active(epoch);
                        case Active _, Reconnecting _, Stopped _ -> state;
                    };
            case Event.PublisherLost(long nowNs, Duration window) ->
                    switch (state) {
                        case Connecting _, Active _ ->
                                window.isZero()
                                        ? new Stopped(state.epoch(), Reason.REASON_PUBLISHER_LOST)
                                        : new Reconnecting(state.epoch(), nowNs + window.toNanos());
                        case Reconnecting _, Stopped _ -> state;
                    };
            case Event.StreamEnded(Reason reason) ->
                    state instanceof Stopped ? state : new Stopped(state.epoch(), reason);
            case Event.TimePassed(long nowNs) ->
                    state instanceof Reconnecting(long epoch, long deadlineNs)
                                    && nowNs - deadlineNs >= 0
                            ? new Stopped(epoch, Reason.REASON_WINDOW_OVER)
                            : state;
        };
    }

    /** The same as the API shows it. */
    default StreamStatus status() {
        return switch (this) {
            case Connecting _ -> StreamStatus.STREAM_STATUS_CONNECTING;
            case Active _ -> StreamStatus.STREAM_STATUS_ACTIVE;
            case Reconnecting _ -> StreamStatus.STREAM_STATUS_RECONNECTING;
            case Stopped _ -> StreamStatus.STREAM_STATUS_STOPPED;
        };
    }
}
