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
        clock.told(10_000);
        nowNs.addAndGet(Duration.ofMillis(250).toNanos());
        assertThat(clock.in(Duration.ofMillis(500))).isEqualTo(10_750);
        clock.told(10_251);
        assertThat(clock.in(Duration.ZERO)).isEqualTo(10_251);
    }
}
