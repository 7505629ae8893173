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

class DeliveryLoopTest {

    private static final long INTERVAL_MS = 5;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> turns = new ArrayList<>();
    private DeliveryLoop loop;

    @BeforeEach
    void stopTime() {
        channel.freezeTime();
        loop = new DeliveryLoop(channel.eventLoop(), Duration.ofMillis(INTERVAL_MS));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void theFirstAfterAPauseHasItsTurnAtOnce() {
        loop.wake(() -> turns.add("a"));
        channel.runPendingTasks();
        assertThat(turns).containsExactly("a");
    }

    @Test
    void whoIsWokenAgainWithinTheIntervalWaitsForItsEnd() {
        loop.wake(() -> turns.add("a"));
        channel.runPendingTasks();
        loop.wake(() -> turns.add("b"));
        loop.wake(() -> turns.add("c"));
        pass(INTERVAL_MS - 1);
        assertThat(turns).containsExactly("a");
        pass(1);
        assertThat(turns).containsExactly("a", "b", "c");
    }

    @Test
    void whoIsWokenInAPassHasItsTurnInTheNext() {
        loop.wake(() -> {
            turns.add("a");
            loop.wake(() -> turns.add("a again"));
        });
        channel.runPendingTasks();
        assertThat(turns).containsExactly("a");
        pass(INTERVAL_MS);
        assertThat(turns).containsExactly("a", "a again");
    }

    @Test
    void afterAPassWithNobodyTheLoopSleepsUntilItIsWoken() {
        loop.wake(() -> turns.add("a"));
        channel.runPendingTasks();
        pass(INTERVAL_MS);
        assertThat(channel.runScheduledPendingTasks()).as("nothing is scheduled").isNegative();
        pass(10 * INTERVAL_MS);
        loop.wake(() -> turns.add("b"));
        channel.runPendingTasks();
        assertThat(turns).containsExactly("a", "b");
    }

    @Test
    void afterAShortPauseTheIntervalIsKept() {
        loop.wake(() -> turns.add("a"));
        channel.runPendingTasks();
        pass(INTERVAL_MS);
        pass(1);
        loop.wake(() -> turns.add("b"));
        channel.runPendingTasks();
        assertThat(turns).containsExactly("a");
        pass(INTERVAL_MS - 1);
        assertThat(turns).containsExactly("a", "b");
    }

    private void pass(long ms) {
        channel.advanceTimeBy(ms, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        channel.runPendingTasks();
    }
}
