package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.util.concurrent.TimeUnit;

/** What the history makes of contradictions: each is found. */
class ClaimHistoryTest {

    private static final long LEASE_NS = TimeUnit.MINUTES.toNanos(1);

    private final ClaimHistory history = new ClaimHistory(LEASE_NS);

    @Test
    void oneAfterTheOtherIsFine() {
        renew("w1", "w2");
        admit("cam1", "w1", 16).released();
        admit("cam1", "w2", 32);
        renew("w1", "w2");
        assertThat(history.problems(1)).isEmpty();
    }

    @Test
    void twoOwnersAtOnceAreFound() {
        renew("w1", "w2");
        admit("cam1", "w1", 16);
        admit("cam1", "w2", 32);
        assertThat(history.problems(2))
                .containsExactly(
                        "two owners: cam1 at w1 with epoch 16 and cam1 at w2 with epoch 32");
    }

    @Test
    void whoseLeaseMayHaveLapsedIsNoOwnerForCertain() {
        ClaimHistory short1 = new ClaimHistory(1);
        short1.renewed("w1", System.nanoTime());
        short1.admitted("cam1", "w1", 16, System.nanoTime());
        short1.renewed("w2", System.nanoTime());
        short1.admitted("cam1", "w2", 32, System.nanoTime());
        assertThat(short1.problems(0)).isEmpty();
    }

    @Test
    void aFenceThatDoesNotGrowIsFound() {
        renew("w1");
        admit("cam1", "w1", 32).released();
        admit("cam1", "w1", 16).released();
        assertThat(history.problems(1))
                .containsExactly("cam1 at w1 with epoch 16 came after cam1 at w1 with epoch 32");
    }

    @Test
    void aFenceThatIsGivenTwiceIsFound() {
        renew("w1");
        admit("cam1", "w1", 16).released();
        admit("cam1", "w1", 16).released();
        assertThat(history.problems(1))
                .contains("the epoch was given before: cam1 at w1 with epoch 16");
    }

    @Test
    void moreThanThePlacesIsFound() {
        renew("w1");
        admit("cam1", "w1", 16);
        admit("cam2", "w1", 32);
        assertThat(history.problems(1))
                .containsExactly("2 streams were held at once, with places for 1");
    }

    @Test
    void aStreamThatIsTakenFromALiveWorkerIsFound() {
        renew("w1");
        admit("cam1", "w1", 16).fenced();
        renew("w1");
        assertThat(history.problems(1))
                .containsExactly("lost without a reason: cam1 at w1 with epoch 16");
    }

    private ClaimHistory.Holding admit(String stream, String worker, long epoch) {
        return history.admitted(stream, worker, epoch, System.nanoTime());
    }

    private void renew(String... workers) {
        for (String worker : workers) {
            history.renewed(worker, System.nanoTime());
        }
    }
}
