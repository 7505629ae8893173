package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HoldTest {

    private static final long SECOND_NS = 1_000_000_000;

    @ParameterizedTest
    @CsvSource({
        "1900, 2000",
        "950, 2105",
        "475, 4210",
        "400, 5000",
        "390, 2000",
        "95, 2000",
        "0, 2000",
    })
    void twoPacketsAreLeftWhereTheyAreNotTooLong(long packetsPerSecond, long us) {
        assertThat(Hold.at(packetsPerSecond)).isEqualTo(us);
    }

    @Test
    void itFollowsTheRateOfTheLastWholeSecond() {
        Hold hold = new Hold();
        long nowNs = 7 * SECOND_NS;
        hold.follow(10_000, nowNs);
        assertThat(hold.us()).isEqualTo(Hold.LEAST_US);

        hold.follow(10_250, nowNs + SECOND_NS / 2);
        assertThat(hold.us()).isEqualTo(Hold.LEAST_US);

        hold.follow(10_500, nowNs + SECOND_NS);
        assertThat(hold.us()).isEqualTo(4_000);

        hold.follow(10_500, nowNs + 2 * SECOND_NS);
        assertThat(hold.us()).isEqualTo(Hold.LEAST_US);
    }
}
