package live.mirror.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

class JitterTest {

    /** The formula of section 6.4.1 in floating point, with times that never wrap. */
    private static double reference(int[] delaysUs, int clockRate) {
        double jitter = 0;
        for (int i = 1; i < delaysUs.length; i++) {
            double d = Math.abs((double) (delaysUs[i] - delaysUs[i - 1])) * clockRate / 1e6;
            jitter += (d - jitter) / 16;
        }
        return jitter;
    }

    @Property(tries = 200)
    void followsTheFormulaAcrossAWrapOfTheTimestamp(@ForAll @Size(300) int[] random) {
        Jitter jitter = new Jitter(90_000);
        int[] delays = new int[random.length];
        // Wraps in the middle: 150 packets of 10 ms.
        int timestamp = -150 * 900;
        for (int i = 0; i < random.length; i++) {
            delays[i] = Math.floorMod(random[i], 20_000);
            jitter.add(timestamp + 900 * i, 10_000_000L * i + delays[i] * 1_000L);
        }
        assertThat((double) jitter.ticks()).isCloseTo(reference(delays, 90_000), within(20.0));
    }

    @Test
    void aSteadyStreamHasNone() {
        Jitter jitter = new Jitter(90_000);
        for (int i = 0; i < 1000; i++) {
            jitter.add(900 * i, 10_000_000L * i);
        }
        assertThat(jitter.ticks()).isZero();
        assertThat(jitter.micros()).isZero();
    }

    @Test
    void aRestartIsNotAPeak() {
        Jitter jitter = new Jitter(90_000);
        jitter.add(0, 0);
        jitter.add(900, 10_000_000);
        jitter.restart();
        jitter.add(123_456_789, 20_000_000);
        jitter.add(123_457_689, 30_000_000);
        assertThat(jitter.ticks()).isZero();
    }
}
