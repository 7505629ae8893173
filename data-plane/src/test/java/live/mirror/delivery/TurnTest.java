package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

class TurnTest {

    private static final long INTERVAL_MS = 5;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<Long> turnsMs = new ArrayList<>();
    private int bytesInATurn;
    private boolean waiting = true;
    private long nowMs;
    private DeliveryLoop loop;
    private Turn turn;

    @BeforeEach
    void stopTime() {
        channel.freezeTime();
        loop = new DeliveryLoop(channel.eventLoop(), Duration.ofMillis(INTERVAL_MS));
        turn =
                new Turn(
                        loop,
                        () -> {
                            turnsMs.add(nowMs);
                            turn.sent(bytesInATurn);
                            waiting = true;
                        });
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void whoGetsALotHasItsTurnInEachPass() {
        bytesInATurn = Turn.SMALL_BYTES;
        write();
        passes(4);
        assertThat(turnsMs).containsExactly(0L, 5L, 10L, 15L, 20L);
    }

    @Test
    void whoGetsLittleHasItsTurnInEverySecondPass() {
        bytesInATurn = Turn.SMALL_BYTES - 1;
        write();
        passes(4);
        assertThat(turnsMs).containsExactly(0L, 10L, 20L);
    }

    @Test
    void whoGetsMoreAgainHasItsTurnInEachPassAgain() {
        bytesInATurn = 1;
        write();
        passes(1);
        bytesInATurn = Turn.SMALL_BYTES;
        passes(3);
        assertThat(turnsMs).containsExactly(0L, 10L, 15L, 20L);
    }

    /** As a ring wakes those that have read to its end. */
    private void write() {
        if (waiting) {
            waiting = false;
            loop.wake(turn);
        }
        channel.runPendingTasks();
    }

    private void passes(int count) {
        for (int i = 0; i < count; i++) {
            write();
            nowMs += INTERVAL_MS;
            channel.advanceTimeBy(INTERVAL_MS, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
            channel.runPendingTasks();
        }
    }
}
