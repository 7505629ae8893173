package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReceiveWatchTest {

    private static final long SECOND = 1_000_000_000;

    private final ReceiveWatch watch = new ReceiveWatch(0, 0);
    private long nowNs;
    private long cpuNs;

    @Test
    void itsShareIsThatOfTheLastSecond() {
        pass(0.25);
        assertThat(watch.share()).isEqualTo(0.25);
        pass(0.75);
        assertThat(watch.share()).isEqualTo(0.75);
    }

    @Test
    void aThreadThatWorksForThreeSecondsWithoutRestIsStuckAndARestEndsIt() {
        pass(0.5);
        pass(1);
        pass(1);
        assertThat(watch.isStuck()).isFalse();
        pass(1);
        assertThat(watch.isStuck()).isTrue();
        pass(0.9);
        assertThat(watch.isStuck()).isFalse();
    }

    @Test
    void aThreadThatRestsInBetweenIsNotStuck() {
        for (int i = 0; i < 10; i++) {
            pass(1);
            pass(1);
            pass(0.5);
            assertThat(watch.isStuck()).isFalse();
        }
    }

    @Test
    void aThreadThatUsesNoTimeAtAllIsBlockedAndASignOfLifeEndsIt() {
        pass(0.001);
        pass(0);
        pass(0);
        assertThat(watch.isStuck()).isFalse();
        pass(0);
        assertThat(watch.isStuck()).isTrue();
        pass(0.001);
        assertThat(watch.isStuck()).isFalse();
    }

    @Test
    void aProcessThatWasStoppedForLongHasNoBlockedThread() {
        pass(0.001);
        nowNs += 60 * SECOND;
        watch.look(nowNs, cpuNs);
        assertThat(watch.isStuck()).isFalse();
    }

    @Test
    void aThreadWhoseTimeIsNotKnownIsNotTakenForBlocked() {
        for (int i = 0; i < 10; i++) {
            pass(0);
            assertThat(watch.isStuck()).isFalse();
        }
    }

    private void pass(double share) {
        nowNs += SECOND;
        cpuNs += (long) (share * SECOND);
        watch.look(nowNs, cpuNs);
    }
}
