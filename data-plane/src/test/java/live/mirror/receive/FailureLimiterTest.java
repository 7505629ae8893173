package live.mirror.receive;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;

class FailureLimiterTest {

    private static final long SECOND = 1_000_000_000L;
    private static final long NOW = 17 * SECOND;

    private final FailureLimiter limiter = new FailureLimiter(1, 3, Duration.ofSeconds(10), NOW);
    private final InetAddress source = address("192.0.2.1");

    @Test
    void aBurstIsForgivenAndOneMoreIsNot() {
        for (int i = 0; i < 3; i++) {
            assertThat(limiter.failed(source, NOW)).isFalse();
        }
        assertThat(limiter.isBanned(source, NOW)).isFalse();
        assertThat(limiter.failed(source, NOW)).isTrue();
        assertThat(limiter.isBanned(source, NOW)).isTrue();
        assertThat(limiter.isBanned(source, NOW + 10 * SECOND)).isFalse();
    }

    @Test
    void whoFailsNoFasterThanIsForgivenIsNeverShutOut() {
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.failed(source, NOW + i * SECOND)).isFalse();
        }
    }

    @Test
    void anotherSourceIsNotHarmed() {
        for (int i = 0; i < 10; i++) {
            limiter.failed(source, NOW);
        }
        assertThat(limiter.isBanned(address("192.0.2.2"), NOW)).isFalse();
    }

    @Test
    void anIpv6LineIsOneSourceWhateverAddressItChooses() {
        for (int i = 0; i < 4; i++) {
            limiter.failed(address("2001:db8::" + i), NOW);
        }
        assertThat(limiter.isBanned(address("2001:db8::ffff"), NOW)).isTrue();
        assertThat(limiter.isBanned(address("2001:db8:0:1::"), NOW)).isFalse();
    }

    private static InetAddress address(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
