package live.mirror.control.worker;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.control.registry.Told;
import live.mirror.v1.KeptReport;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

class ReportFilterTest {

    private static final long SECOND = 1_000_000_000;

    private final AtomicLong nowNs = new AtomicLong();
    private final ReportFilter filter =
            new ReportFilter(Duration.ofSeconds(6), Duration.ofSeconds(1), nowNs::get);

    @Test
    void theFirstReportIsTheWholeOneAndTheNextSaysNothingNew() {
        assertThat(tell(active("a", 1, 5_000), active("b", 1, 5_000))).containsExactly("a", "b");
        nowNs.addAndGet(SECOND);
        assertThat(filter.due(report(active("a", 1, 5_100), active("b", 1, 4_900))).nothing())
                .isTrue();
    }

    @Test
    void theLeaseIsRenewedEveryOtherReport() {
        tell(active("a", 1, 5_000));
        nowNs.addAndGet(2 * SECOND);
        ReportFilter.Due due = filter.due(report(active("a", 1, 5_000)));
        assertThat(due.nothing()).isFalse();
        assertThat(due.all()).isFalse();
        assertThat(due.streams()).isEmpty();
    }

    @Test
    void aStreamIsToldWhenSomethingOfItChanged() {
        tell(active("a", 1, 5_000), active("b", 1, 5_000), active("c", 1, 5_000));
        assertThat(
                        tell(
                                active("a", 2, 5_000),
                                active("b", 1, 9_000),
                                active("c", 1, 5_000).toBuilder().setSilentMs(1_500).build()))
                .containsExactly("a", "b", "c");
        assertThat(
                        filter.due(
                                        report(
                                                active("a", 2, 5_000),
                                                active("b", 1, 9_000),
                                                active("c", 1, 5_000).toBuilder()
                                                        .setSilentMs(2_500)
                                                        .build()))
                                .nothing())
                .isTrue();
    }

    @Test
    void whatTheRegistryKnewAtARegistrationIsNotToldAgain() {
        tell(active("a", 1, 5_000), active("b", 1, 5_000));
        nowNs.addAndGet(20 * SECOND);
        filter.known("w1", 8);
        assertThat(ids(filter.due(report(active("a", 1, 5_000), active("b", 1, 9_000)))))
                .containsExactly("b");
        filter.forget("w1");
        filter.known("w1", 8);
        assertThat(ids(filter.due(report(active("a", 1, 5_000), active("b", 1, 5_000)))))
                .containsExactly("a", "b");
    }

    @Test
    void whatTheRegistryDidNotHearIsToldAgain() {
        tell(active("a", 1, 5_000));
        KeptReport next = report(active("a", 2, 5_000));
        assertThat(ids(filter.due(next))).containsExactly("a");
        assertThat(ids(filter.due(next))).containsExactly("a");
    }

    @Test
    void aStreamThatWasGoneIsToldAgain() {
        tell(active("a", 1, 5_000), active("b", 1, 5_000));
        nowNs.addAndGet(2 * SECOND);
        assertThat(tell(active("a", 1, 5_000))).isEmpty();
        assertThat(tell(active("a", 1, 5_000), active("b", 1, 5_000))).containsExactly("b");
    }

    @Test
    void allIsToldAgainFromTimeToTimeAndToANewProcess() {
        tell(active("a", 1, 5_000));
        assertThat(filter.due(report(active("a", 1, 5_000)).toBuilder().setWorkerEpoch(9).build()))
                .matches(ReportFilter.Due::all);
        assertAllIsNextToldAfter(4 * SECOND);
        assertAllIsNextToldAfter(20 * SECOND);
        assertAllIsNextToldAfter(20 * SECOND);
    }

    private void assertAllIsNextToldAfter(long ns) {
        KeptReport report = report(active("a", 1, 5_000));
        nowNs.addAndGet(ns - 1);
        assertThat(filter.due(report).all()).isFalse();
        nowNs.addAndGet(1);
        assertThat(filter.due(report).all()).isTrue();
        filter.done(report, filter.due(report));
    }

    private List<String> tell(StreamReport... streams) {
        KeptReport report = report(streams);
        ReportFilter.Due due = filter.due(report);
        filter.done(report, due);
        return ids(due);
    }

    private static List<String> ids(ReportFilter.Due due) {
        return due.streams().stream().map(Told::id).toList();
    }

    private static KeptReport report(StreamReport... streams) {
        KeptReport.Builder report = KeptReport.newBuilder().setWorkerId("w1").setWorkerEpoch(8);
        List.of(streams).forEach(stream -> report.addStreams(stream.toByteString()));
        return report.build();
    }

    private static StreamReport active(String id, long epoch, long kbps) {
        return StreamReport.newBuilder()
                .setStreamId(id)
                .setEpoch(epoch)
                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                .setStats(StreamStats.newBuilder().setBitrateBps(kbps * 1_000))
                .build();
    }
}
