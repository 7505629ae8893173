package live.mirror.delivery;

import live.mirror.stream.StreamState;
import live.mirror.v1.Reason;
import live.mirror.v1.StateChanged;
import live.mirror.v1.StreamStatus;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * State changes that a subscriber has not been told yet. Added by whoever changes the stream, taken
 * by the subscription's event loop. Of a subscriber that does not read, only the last {@value
 * #MAX_PENDING} are kept: each tells all that matters.
 */
final class PendingStates {

    static final int MAX_PENDING = 16;

    private final ArrayDeque<StateChanged> pending = new ArrayDeque<>();
    private StreamStatus lastStatus = StreamStatus.STREAM_STATUS_UNSPECIFIED;
    private long lastEpoch;

    /** The subscriber was told of this one by other means. */
    synchronized void told(StreamState state) {
        pending.clear();
        lastStatus = state.status();
        lastEpoch = state.epoch();
    }

    synchronized void add(StreamState state, Reason reason, Duration windowLeft) {
        if (state.status() == lastStatus && state.epoch() == lastEpoch) {
            return;
        }
        lastStatus = state.status();
        lastEpoch = state.epoch();
        if (pending.size() == MAX_PENDING) {
            pending.poll();
        }
        pending.add(
                StateChanged.newBuilder()
                        .setStatus(lastStatus)
                        .setEpoch(lastEpoch)
                        .setReason(reason)
                        .setWindowLeftMs(windowLeft.toMillis())
                        .build());
    }

    synchronized int size() {
        return pending.size();
    }

    synchronized @Nullable StateChanged poll() {
        return pending.poll();
    }

    /** The first one that belongs before media of this epoch, if there is one. */
    synchronized @Nullable StateChanged pollBefore(long epoch) {
        StateChanged first = pending.peek();
        return first != null
                        && (first.getEpoch() < epoch
                                || (first.getEpoch() == epoch
                                        && first.getStatus()
                                                != StreamStatus.STREAM_STATUS_RECONNECTING))
                ? pending.poll()
                : null;
    }
}
