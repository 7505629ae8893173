package live.mirror.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

class ExtendedSequenceTest {

    private final ExtendedSequence sequence = new ExtendedSequence();

    /** Numbers around every place where 16 bits, or their sign, turn over. */
    @Provide
    Arbitrary<Integer> boundaries() {
        return Arbitraries.of(0, 1, 99, 100, 2999, 3000, 32767, 32768, 65436, 65534, 65535)
                .flatMap(boundary -> Arbitraries.integers().between(boundary - 2, boundary + 2))
                .map(number -> number & 0xffff);
    }

    @Property
    void countsOnThroughAnyNumberOfWraps(
            @ForAll("boundaries") int first, @ForAll @IntRange(min = 1, max = 2999) int step) {
        long expected = sequence.start(first, 0);
        for (int i = 0; i < 200; i++) {
            expected += step;
            assertThat(sequence.accept((int) expected & 0xffff)).isEqualTo(expected);
        }
        assertThat(sequence.highest()).isEqualTo(expected);
        assertThat(sequence.reportedHighest()).isEqualTo((int) (expected - (1 << 16)));
    }

    @Property
    void aLatePacketGetsItsOwnNumberAndMovesNothing(
            @ForAll("boundaries") int first, @ForAll @IntRange(min = 1, max = 99) int behind) {
        long start = sequence.start(first, 0);
        assertThat(sequence.accept((first - behind) & 0xffff)).isEqualTo(start - behind);
        assertThat(sequence.highest()).isEqualTo(start);
        assertThat(sequence.accept((first + 1) & 0xffff)).isEqualTo(start + 1);
    }

    @Property
    void aJumpIsBelievedWhenItsSuccessorFollows(
            @ForAll("boundaries") int first,
            @ForAll @IntRange(min = 3000, max = 65435) int distance) {
        long start = sequence.start(first, 0);
        int jumped = (first + distance) & 0xffff;
        assertThat(sequence.accept(jumped)).isEqualTo(ExtendedSequence.JUMP);
        assertThat(sequence.accept((jumped + 1) & 0xffff)).isEqualTo(ExtendedSequence.RESTARTED);
        long restarted = sequence.start(jumped, sequence.highest());
        assertThat(restarted).isGreaterThan(start);
        assertThat(sequence.accept((jumped + 1) & 0xffff)).isEqualTo(restarted + 1);
    }

    @Property
    void aStrayPacketChangesNothing(
            @ForAll("boundaries") int first,
            @ForAll @IntRange(min = 3000, max = 65436) int distance) {
        long start = sequence.start(first, 0);
        assertThat(sequence.accept((first + distance) & 0xffff)).isEqualTo(ExtendedSequence.JUMP);
        assertThat(sequence.accept((first + 1) & 0xffff)).isEqualTo(start + 1);
        // A good packet came between, so the stray one's successor is a stray packet itself.
        assertThat(sequence.accept((first + distance + 1) & 0xffff))
                .isNotEqualTo(ExtendedSequence.RESTARTED);
    }

    @Test
    void theLimitsAreThoseOfTheAppendix() {
        long start = sequence.start(10_000, 0);
        assertThat(sequence.accept(10_000 + 3000)).isEqualTo(ExtendedSequence.JUMP);
        assertThat(sequence.accept(10_000 - 100)).isEqualTo(ExtendedSequence.JUMP);
        assertThat(sequence.accept(10_000 - 99)).isEqualTo(start - 99);
        assertThat(sequence.accept(10_000 + 2999)).isEqualTo(start + 2999);
    }

    @Property
    void theNearestNumberIsWithinHalfACycle(
            @ForAll("boundaries") int low, @ForAll @IntRange(min = 0, max = 65535) int wire) {
        long reference = 7 * 65536L + low;
        long near = ExtendedSequence.near(reference, wire);
        assertThat(near & 0xffff).isEqualTo(wire);
        assertThat(near - reference).isBetween(-32768L, 32767L);
    }
}
