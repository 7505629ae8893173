package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class KernelDropsTest {

    private final KernelDrops drops = new KernelDrops(1000);

    @Test
    void whatDidNotOverflowAnywhereWasFiltered() {
        drops.look(70, 1000);
        assertThat(drops.filtered()).isEqualTo(70);
        assertThat(drops.overflowed()).isZero();
    }

    @Test
    void eachSecondIsToldApart() {
        drops.look(70, 1030);
        drops.look(75, 1030);
        drops.look(95, 1050);
        assertThat(drops.filtered()).isEqualTo(40 + 5);
        assertThat(drops.overflowed()).isEqualTo(30 + 20);
    }

    @Test
    void overflowsOfOthersCountNothingWhereNothingWasDropped() {
        drops.look(0, 5000);
        drops.look(10, 5000);
        assertThat(drops.filtered()).isEqualTo(10);
        assertThat(drops.overflowed()).isZero();
    }

    @Test
    void neverMoreOverflowedThanWasDropped() {
        drops.look(10, 5000);
        assertThat(drops.filtered()).isZero();
        assertThat(drops.overflowed()).isEqualTo(10);
    }
}
