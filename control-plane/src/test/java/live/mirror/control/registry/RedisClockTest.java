package live.mirror.control.registry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

class RedisClockTest {

    private final AtomicLong nowNs = new AtomicLong(Long.MAX_VALUE - 5);
    private final RedisClock clock = new RedisClock(nowNs::get);

    @Test
    void nothingIsKnownBeforeItWasTold() {
        assertThat(clock.in(Duration.ofSeconds(1))).isZero();
    }

    @Test
    void itGoesOnByItselfFromWhatWasTold() {
        clock.told(10_000, nowNs.get());
        pass(250);
        assertThat(clock.in(Duration.ofMillis(500))).isEqualTo(10_750);
        clock.told(10_251, nowNs.get());
        assertThat(clock.in(Duration.ZERO)).isEqualTo(10_251);
    }

    @Test
    void anAnswerThatCameLateDoesNotSetItBack() {
        clock.told(10_000, nowNs.get());
        tell(10_000, 450);
        assertThat(clock.in(Duration.ZERO)).isEqualTo(10_450);
    }

    @Test
    void aFirstAnswerThatCameLateIsMended() {
        tell(10_000, 450);
        assertThat(clock.in(Duration.ZERO)).isEqualTo(10_000);
        clock.told(10_450, nowNs.get());
        assertThat(clock.in(Duration.ZERO)).isEqualTo(10_450);
    }

    @Test
    void aStepOfRedisIsFollowed() {
        clock.told(10_000, nowNs.get());
        tell(90_000, 20);
        assertThat(clock.in(Duration.ZERO)).isEqualTo(90_000);
        tell(20_000, 20);
        assertThat(clock.in(Duration.ZERO)).isEqualTo(20_000);
    }

    private void tell(long redisMs, long tookMs) {
        long askedNs = nowNs.get();
        pass(tookMs);
        clock.told(redisMs, askedNs);
    }

    private void pass(long ms) {
        nowNs.addAndGet(Duration.ofMillis(ms).toNanos());
    }
}
