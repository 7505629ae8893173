package live.mirror.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.rtp.ReorderWindow.Verdict;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

class ReorderWindowTest {

    private static final long MS = 1_000_000;
    private static final long HOLD = 50 * MS;

    /** Checks on the fly that every number comes out once, in order, with its own bytes. */
    private static final class Ledger implements ReorderWindow.Output {
        private final List<Long> packets = new ArrayList<>();
        private final List<Long> gaps = new ArrayList<>();
        private long next;
        private long lost;

        private Ledger(long first) {
            next = first;
        }

        @Override
        public void packet(byte[] bytes, int offset, int length, long sequence, long arrivalNs) {
            assertThat(sequence).isEqualTo(next++);
            assertThat(BigEndian.i64(bytes, offset)).isEqualTo(sequence);
            packets.add(sequence);
        }

        @Override
        public void gap(long firstSequence, long count) {
            assertThat(firstSequence).isEqualTo(next);
            assertThat(count).isPositive();
            next += count;
            lost += count;
            gaps.add(firstSequence);
        }
    }

    private Ledger ledger = new Ledger(0);
    private ReorderWindow window = new ReorderWindow(64, 64, HOLD, 1, ledger);

    private Verdict offer(long sequence, long atMs) {
        return offer(sequence, atMs, 0);
    }

    private Verdict offer(long sequence, long atMs, int leg) {
        byte[] bytes = new byte[20];
        BigEndian.put32(bytes, 5, (int) (sequence >>> 32));
        BigEndian.put32(bytes, 9, (int) sequence);
        return window.offer(bytes, 5, 8, sequence, atMs * MS, leg);
    }

    private void start(long first, int capacity, int legs) {
        ledger = new Ledger(first);
        window = new ReorderWindow(capacity, 64, HOLD, legs, ledger);
        window.start(first);
    }

    @Test
    void whatIsInOrderPassesAtOnce() {
        start(65534, 64, 1);
        for (long s = 65534; s < 65540; s++) {
            assertThat(offer(s, 0)).isEqualTo(Verdict.TAKEN);
        }
        assertThat(ledger.packets).hasSize(6);
        assertThat(window.deadlineNs()).isEqualTo(ReorderWindow.NEVER);
    }

    @Test
    void aPacketWaitsForAnEarlierOneAndNoLongerThanTheHoldTime() {
        start(100, 64, 1);
        offer(100, 0);
        offer(103, 10);
        offer(102, 40);
        assertThat(ledger.packets).containsExactly(100L);
        assertThat(window.deadlineNs()).isEqualTo(60 * MS);

        window.expire(60 * MS - 1);
        assertThat(ledger.packets).containsExactly(100L);

        // 103 has waited long enough: 101 is given up, 102 goes with it.
        window.expire(60 * MS);
        assertThat(ledger.packets).containsExactly(100L, 102L, 103L);
        assertThat(ledger.gaps).containsExactly(101L);
        assertThat(offer(101, 61)).isEqualTo(Verdict.LATE);
        assertThat(offer(102, 61)).isEqualTo(Verdict.DUPLICATE);
        assertThat(window.lateCount()).isEqualTo(1);
    }

    @Test
    void aLateHoleDoesNotDelayWhatCameBefore() {
        start(0, 64, 1);
        offer(0, 0);
        offer(2, 10);
        offer(4, 30);
        window.expire(60 * MS);
        assertThat(ledger.packets).containsExactly(0L, 2L);
        assertThat(window.deadlineNs()).isEqualTo(80 * MS);
        offer(3, 65);
        assertThat(ledger.packets).containsExactly(0L, 2L, 3L, 4L);
    }

    @Test
    void aFullWindowGivesUpTheOldestHole() {
        start(0, 64, 1);
        for (long s = 1; s <= 63; s++) {
            offer(s, 0);
        }
        assertThat(ledger.packets).isEmpty();
        offer(64, 0);
        assertThat(ledger.packets).hasSize(64);
        assertThat(window.lostCount()).isEqualTo(1);
    }

    @Test
    void aJumpBeyondTheWindowIsOneGap() {
        start(0, 64, 1);
        offer(0, 0);
        offer(3_000, 0);
        window.flush();
        assertThat(ledger.packets).containsExactly(0L, 3000L);
        assertThat(ledger.lost).isEqualTo(2999);
    }

    @Property(tries = 400)
    void everyPacketSentIsDeliveredInOrderOrReportedLost(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 30) int lossPercent,
            @ForAll @IntRange(min = 0, max = 120) int spread,
            @ForAll @IntRange(min = 0, max = 20) int duplicatePercent,
            @ForAll @IntRange(min = 1, max = 9) int capacityBits) {
        Random random = new Random(seed);
        long first = random.nextInt(65536) + 65536L;
        start(first, 1 << capacityBits, 1);
        // Packet i is sent at i ms and arrives up to `spread` ms later.
        List<long[]> arrivals = new ArrayList<>();
        int sent = 500;
        int dropped = 0;
        for (int i = 0; i < sent; i++) {
            boolean edge = i == 0 || i == sent - 1;
            if (!edge && random.nextInt(100) < lossPercent) {
                dropped++;
                continue;
            }
            int copies = random.nextInt(100) < duplicatePercent ? 2 : 1;
            for (int copy = 0; copy < copies; copy++) {
                long delay = i == 0 ? 0 : random.nextInt(spread + 1) + (edge ? spread : 0);
                arrivals.add(new long[] {i + delay, first + i});
            }
        }
        arrivals.sort((a, b) -> Long.compare(a[0], b[0]));

        long duplicates = 0;
        for (long[] arrival : arrivals) {
            window.expire(arrival[0] * MS);
            if (offer(arrival[1], arrival[0]) == Verdict.DUPLICATE) {
                duplicates++;
            }
            assertThat(window.deadlineNs()).isGreaterThan(arrival[0] * MS);
        }
        window.flush();

        assertThat(window.deliveredCount() + window.lostCount()).isEqualTo(sent);
        assertThat(window.deliveredCount()).isEqualTo(ledger.packets.size());
        assertThat(window.lostCount()).isEqualTo(ledger.lost).isGreaterThanOrEqualTo(dropped);
        assertThat(window.deliveredCount() + duplicates + window.lateCount())
                .isEqualTo(arrivals.size());
        if (spread == 0) {
            assertThat(window.lostCount()).isEqualTo(dropped);
        }
    }

    @Property(tries = 200)
    void twoLegsLoseOnlyWhatBothLose(@ForAll long seed) {
        Random random = new Random(seed);
        long first = 65_500;
        start(first, 1024, 2);
        int sent = 5000;
        int skewMs = random.nextInt(40);
        boolean[][] lost = new boolean[2][sent];
        for (int i = 1; i < sent; i++) {
            lost[0][i] = random.nextInt(100) < 10;
            lost[1][i] = random.nextInt(100) < 10;
        }
        for (int i = 0; i < sent + skewMs; i++) {
            window.expire(i * MS);
            if (i < sent && !lost[0][i]) {
                offer(first + i, i, 0);
            }
            if (i >= skewMs && !lost[1][i - skewMs]) {
                offer(first + i - skewMs, i, 1);
            }
        }
        window.flush();

        long both = 0;
        long[] alone = new long[2];
        long[] missed = new long[2];
        // Behind the last packet that arrived at all, nobody can know of a loss.
        long end = window.next() - first;
        for (int i = 0; i < end; i++) {
            both += lost[0][i] && lost[1][i] ? 1 : 0;
            for (int leg = 0; leg < 2; leg++) {
                missed[leg] += lost[leg][i] ? 1 : 0;
                alone[leg] += lost[leg][i] && !lost[1 - leg][i] ? 1 : 0;
            }
        }
        assertThat(window.lostCount()).isEqualTo(both);
        for (int leg = 0; leg < 2; leg++) {
            assertThat(window.leg(leg).lostCount()).isEqualTo(missed[leg]);
            assertThat(window.leg(leg).savedByOtherCount()).isEqualTo(alone[leg]);
        }
        assertThat(window.leg(1).maxSkewUs()).isEqualTo(skewMs * 1000L);
        assertThat(window.duplicateCount()).isZero();
    }

    @Test
    void whatParityBringsBelongsToNoLeg() {
        start(0, 64, 2);
        offer(0, 0, 0);
        offer(0, 0, 1);
        offer(1, 1, ReorderWindow.NO_LEG);
        offer(2, 2, 0);
        // Leg 1 brings what parity did, later.
        assertThat(offer(1, 3, 1)).isEqualTo(Verdict.DUPLICATE);
        assertThat(offer(1, 3, ReorderWindow.NO_LEG)).isEqualTo(Verdict.DUPLICATE);
        offer(3, 4, ReorderWindow.NO_LEG);
        window.flush();
        assertThat(ledger.packets).containsExactly(0L, 1L, 2L, 3L);
        assertThat(window.leg(0).receivedCount()).isEqualTo(2);
        assertThat(window.leg(1).receivedCount()).isEqualTo(2);
        assertThat(window.leg(0).lostCount()).isEqualTo(2);
        assertThat(window.leg(0).savedByOtherCount()).as("packet 1").isOne();
        assertThat(window.leg(1).lostCount()).isEqualTo(2);
        assertThat(window.leg(1).savedByOtherCount()).as("packet 2").isOne();
        assertThat(window.duplicateCount()).isZero();
    }

    @Test
    void killingALegLosesNothing() {
        start(0, 64, 2);
        for (long s = 0; s < 3000; s++) {
            if (s < 1000 || s >= 2000) {
                offer(s, s, 0);
            }
            if (s < 1800) {
                offer(s, s, 1);
            } else if (s >= 2500) {
                offer(s, s, 1);
            }
            window.expire(s * MS);
        }
        window.flush();
        assertThat(window.lostCount()).isEqualTo(200);
        assertThat(window.leg(0).savedByOtherCount()).isEqualTo(800);
        assertThat(window.leg(1).savedByOtherCount()).isEqualTo(500);
    }
}
