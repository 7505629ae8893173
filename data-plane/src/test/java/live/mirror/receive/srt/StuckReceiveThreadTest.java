package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.srt.libsrt.SrtCaller;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** libsrt's own receive thread, held up where it runs code of ours. */
class StuckReceiveThreadTest {

    @Test
    void aReceiveThreadThatStandsStillIsToldUntilItGoesOn() throws Exception {
        CountDownLatch held = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            assertThat(fixture.receiver.problem()).isEmpty();
            fixture.admission.beforeGate(() -> {
                held.countDown();
                awaitUninterruptibly(goOn);
            });
            Thread caller =
                    Thread.ofPlatform()
                            .start(() -> {
                                try (SrtCaller _ = fixture.call("cam1")) {
                                    held.countDown();
                                } catch (SrtException e) {
                                    // It has waited longer than it wanted to.
                                }
                            });
            held.await();
            Waiting.until("it is told", () -> fixture.receiver.problem().isPresent());
            assertThat(fixture.receiver.problem().orElseThrow()).contains("stuck");
            goOn.countDown();
            Waiting.until("it is over", () -> fixture.receiver.problem().isEmpty());
            caller.join();
            // Whoever waited long enough or comes now is served.
            try (SrtCaller next = fixture.call("cam2")) {
                fixture.expectDelivery(next, "cam2", 20);
            }
        } finally {
            goOn.countDown();
        }
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
