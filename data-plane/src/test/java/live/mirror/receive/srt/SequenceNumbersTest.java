package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SequenceNumbersTest {

    private static final int LAST = 0x7fff_ffff;

    @Test
    void theLastNumberIsFollowedByZero() {
        assertThat(SequenceNumbers.next(0)).isEqualTo(1);
        assertThat(SequenceNumbers.next(LAST - 1)).isEqualTo(LAST);
        assertThat(SequenceNumbers.next(LAST)).isZero();
    }

    @Test
    void aGapIsCountedAcrossTheWrap() {
        assertThat(SequenceNumbers.distance(5, 5)).isZero();
        assertThat(SequenceNumbers.distance(LAST, 0)).isEqualTo(1);
        assertThat(SequenceNumbers.distance(LAST - 2, 3)).isEqualTo(6);
    }
}
