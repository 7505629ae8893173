package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Two legs of 1,000 packets a second that may be 500 ms apart, and a window of any jump's length.
 */
class LegAlignmentTest {

    private static final int CAPACITY = 32_768;
    private static final long MS = 1_000_000;
    private static final int FIRST = 1_000;

    private final LegAlignment legs = new LegAlignment(2, CAPACITY, 500 * MS);
    private long next;
    private long base;

    LegAlignmentTest() {
        assertThat(legs.place(FIRST, 0, 0, 0)).isEqualTo(LegAlignment.NEW_COUNT);
        base = legs.take(legs.begin(FIRST, 0), 0, 0) - FIRST;
        next = base + FIRST + 1;
    }

    @ParameterizedTest
    @ValueSource(ints = {-20_000, -300, -1, 0, 300, 20_000})
    void aLegIsTrustedWhereItFirstAppears(int ahead) {
        assertThat(place(1, FIRST + ahead, 1)).isEqualTo(base + FIRST + ahead);
    }

    /** Away for ten seconds, and now so many packets ahead of the other leg, or behind. */
    @ParameterizedTest
    @ValueSource(ints = {-450, -1, 0, 1, 450})
    void aLegThatWasAwayIsInStepOnceTheOtherGoesOn(int ahead) {
        place(1, FIRST, 0);
        run(0, FIRST + 1, 10_000, 1);
        int here = FIRST + 10_000;
        legs.jumped(1);
        for (int i = 0; i <= Math.max(0, ahead); i++) {
            assertThat(place(1, here + ahead + i, 10_000 + i)).isEqualTo(LegAlignment.UNDECIDED);
            place(0, here + 1 + i, 10_000 + i);
        }
        int later = Math.max(0, ahead) + 1;
        assertThat(place(1, here + ahead + later, 10_000 + later))
                .isEqualTo(base + here + ahead + later);
    }

    /** The first leg changes over 400 ms before the other. */
    @ParameterizedTest
    @ValueSource(ints = {-30_000, -3_000, -399, -101, 3_001, 7_000, 20_000, 32_000})
    void aRestartIsOneWhenTheSecondLegChangesOver(int jump) {
        place(1, FIRST, 1);
        run(0, FIRST + 1, 1_000, 1);
        run(1, FIRST + 1, 600, 401);
        legs.jumped(0);
        int restarted = FIRST + 1_000 + jump;
        for (int i = 0; i < 400; i++) {
            assertThat(place(0, restarted + i, 1_001 + i)).isEqualTo(LegAlignment.UNDECIDED);
            assertThat(place(1, FIRST + 601 + i, 1_001 + i)).isEqualTo(base + FIRST + 601 + i);
        }
        legs.jumped(1);
        assertThat(place(1, restarted, 1_401)).isEqualTo(LegAlignment.NEW_COUNT);
        long began = legs.take(legs.begin(restarted & 0xffff, next), 1_401 * MS, 1);
        assertThat(began).isGreaterThan(next);
        next = began + 1;
        assertThat(place(0, restarted + 400, 1_401)).isEqualTo(LegAlignment.UNDECIDED);
        for (int i = 1; i <= 401; i++) {
            place(1, restarted + i, 1_401 + i);
        }
        assertThat(place(0, restarted + 802, 1_803)).isEqualTo(began + 802);
    }

    @Test
    void aLegAloneGoesOnOrBeginsAgain() {
        place(1, FIRST, 1);
        run(0, FIRST + 1, 1_000, 1);
        legs.jumped(1);
        assertThat(place(1, FIRST + 1_001, 1_500))
                .as("not yet alone")
                .isEqualTo(LegAlignment.UNDECIDED);
        assertThat(place(1, FIRST + 1_502, 1_502)).isEqualTo(base + FIRST + 1_502);
        legs.jumped(1);
        assertThat(place(1, FIRST + 9_000, 1_503)).isEqualTo(LegAlignment.NEW_COUNT);
    }

    private void run(int leg, int from, int count, long fromMs) {
        for (int i = 0; i < count; i++) {
            assertThat(place(leg, from + i, fromMs + i)).isEqualTo(base + from + i);
        }
    }

    private long place(int leg, int number, long atMs) {
        long placed = legs.place(number & 0xffff, next, atMs * MS, leg);
        next = Math.max(next, placed + 1);
        return placed;
    }
}
