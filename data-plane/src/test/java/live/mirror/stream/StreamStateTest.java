package live.mirror.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import live.mirror.stream.StreamState.Active;
import live.mirror.stream.StreamState.Connecting;
import live.mirror.stream.StreamState.Event.MediaArrived;
import live.mirror.stream.StreamState.Event.PublisherAdmitted;
import live.mirror.stream.StreamState.Event.PublisherLost;
import live.mirror.stream.StreamState.Event.StreamEnded;
import live.mirror.stream.StreamState.Event.TimePassed;
import live.mirror.stream.StreamState.Reconnecting;
import live.mirror.stream.StreamState.Stopped;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;

import java.time.Duration;

class StreamStateTest {

    private static final Duration WINDOW = Duration.ofNanos(100);

    @Test
    void aPublisherThatSendsMakesTheStreamActive() {
        assertThat(StreamState.next(new Connecting(7), new MediaArrived()))
                .isEqualTo(new Active(7));
    }

    @Test
    void aLostPublisherOpensTheWindow() {
        assertThat(StreamState.next(new Active(7), new PublisherLost(1_000, WINDOW)))
                .isEqualTo(new Reconnecting(7, 1_100));
    }

    @Test
    void withoutAWindowALostPublisherStopsTheStream() {
        assertThat(StreamState.next(new Active(7), new PublisherLost(1_000, Duration.ZERO)))
                .isEqualTo(new Stopped(7, Reason.REASON_PUBLISHER_LOST));
    }

    @Test
    void aReturningPublisherNeedsAHigherEpoch() {
        assertThat(StreamState.next(new Reconnecting(7, 0), new PublisherAdmitted(8)))
                .isEqualTo(new Connecting(8));
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> StreamState.next(new Reconnecting(7, 0), new PublisherAdmitted(7)))
                .withMessageContaining("epoch 7");
    }

    @Test
    void theWindowEndsAtItsDeadlineAndNotBefore() {
        StreamState waiting = new Reconnecting(7, 1_100);
        assertThat(StreamState.next(waiting, new TimePassed(1_099))).isSameAs(waiting);
        assertThat(StreamState.next(waiting, new TimePassed(1_100)))
                .isEqualTo(new Stopped(7, Reason.REASON_WINDOW_OVER));
    }

    @Test
    void theDeadlineHoldsAcrossTheWrapOfTheClock() {
        StreamState waiting =
                StreamState.next(new Active(7), new PublisherLost(Long.MAX_VALUE - 10, WINDOW));
        assertThat(StreamState.next(waiting, new TimePassed(Long.MAX_VALUE))).isSameAs(waiting);
        assertThat(StreamState.next(waiting, new TimePassed(Long.MIN_VALUE + 200)))
                .isInstanceOf(Stopped.class);
    }

    @Test
    void stoppedIsForGood() {
        StreamState stopped = new Stopped(7, Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(StreamState.next(stopped, new MediaArrived())).isSameAs(stopped);
        assertThat(StreamState.next(stopped, new StreamEnded(Reason.REASON_FENCED)))
                .isSameAs(stopped);
        assertThatIllegalStateException()
                .isThrownBy(() -> StreamState.next(stopped, new PublisherAdmitted(8)));
    }
}
