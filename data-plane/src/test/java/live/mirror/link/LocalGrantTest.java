package live.mirror.link;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.v1.Grant;

import org.junit.jupiter.api.Test;

import java.util.OptionalLong;

class LocalGrantTest {

    private final LocalGrant grant = new LocalGrant();

    @Test
    void withoutAGrantNothingIsAdmittedAlone() {
        assertThat(grant.take(System.nanoTime())).isEmpty();
        assertThat(grant.streams(System.nanoTime())).isZero();
    }

    @Test
    void givesAsManyPlacesAsWereGrantedEachWithItsOwnEpoch() {
        long nowNs = System.nanoTime();
        grant.replace(granted(2, 1_000), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(500));
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(501));
        assertThat(grant.take(nowNs)).isEmpty();
    }

    @Test
    void endsWithItsTimeCountedFromTheQuestion() {
        long askedNs = System.nanoTime();
        grant.replace(granted(2, 1_000), askedNs);
        assertThat(grant.streams(askedNs + 999_999_999)).isEqualTo(2);
        assertThat(grant.streams(askedNs + 1_000_000_000)).isZero();
        assertThat(grant.take(askedNs + 1_000_000_000)).isEmpty();
    }

    @Test
    void whoComesBackNeedsNoPlaceButAHigherEpoch() {
        assertThat(grant.epochAfter(41)).isEqualTo(42);
        grant.replace(granted(0, 1_000), System.nanoTime());
        assertThat(grant.epochAfter(41)).isEqualTo(500);
        assertThat(grant.epochAfter(9_000)).isEqualTo(9_001);
    }

    @Test
    void anEpochIsNeverGivenTwiceHoweverOftenTheGrantIsToldAgain() {
        long nowNs = System.nanoTime();
        grant.replace(granted(2, 1_000), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(500));
        grant.replace(granted(2, 1_000), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(501));
        assertThat(grant.epochAfter(41)).isEqualTo(502);
        grant.replace(granted(1, 1_000), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(503));
    }

    @Test
    void newEpochsTakeThePlaceOfTheOldOnes() {
        long nowNs = System.nanoTime();
        grant.replace(granted(2, 1_000), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(500));
        grant.replace(granted(2, 1_000).toBuilder().setFirstEpoch(5_000).build(), nowNs);
        assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(5_000));
    }

    @Test
    void whenItsEpochsAreUsedUpNothingNewIsAdmittedAlone() {
        long nowNs = System.nanoTime();
        grant.replace(granted(2_000, 1_000), nowNs);
        for (int i = 0; i < 1_024; i++) {
            assertThat(grant.take(nowNs)).isEqualTo(OptionalLong.of(500 + i));
        }
        assertThat(grant.take(nowNs)).isEmpty();
    }

    private static Grant granted(int streams, long validMs) {
        return Grant.newBuilder()
                .setStreams(streams)
                .setValidMs(validMs)
                .setFirstEpoch(500)
                .build();
    }
}
