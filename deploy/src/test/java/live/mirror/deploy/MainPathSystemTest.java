package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Map;

/**
 * The whole path with real processes and real peers, and what happens to it when something dies.
 */
@Timeout(120)
class MainPathSystemTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void whatAnEncoderSendsReachesThePackagerByteForByte() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher _ =
                    new NumberedPublisher(worker.port("srt"), "publish/cam1", 8_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                try (Ledger ledger = new Ledger(cluster.delivery(worker), "cam1")) {
                    Cluster.await("10,000 packets", SOON, () -> ledger.packets() > 10_000);
                    assertThat(ledger.wrong()).isZero();
                    assertThat(ledger.missing()).isZero();
                    assertThat(ledger.discontinuities()).isEmpty();
                }
                assertThat(cluster.get("/api/v1/streams/cam1"))
                        .contains(
                                "\"protocol\"",
                                "\"epoch\"",
                                "\"worker\"",
                                "\"metadata\"",
                                "\"stats\"");
                assertThat(cluster.getFrom(worker.address("admin"), "/metrics"))
                        .containsPattern("mirror_active_streams_total\\{[^}]*} 1")
                        .containsPattern("mirror_srt_library_info\\{[^}]*encryption=\"true\"")
                        .containsPattern(
                                "mirror_stream_bytes_total\\{[^}]*protocol=\"srt\"[^}]*stream_id=\"cam1\"")
                        .containsPattern(
                                "mirror_stream_errors_total\\{[^}]*error_type=\"dropped\"");
            }
        }
    }

    @Test
    void refusalsReachTheEncoderWithTheirExactCode() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of("admission.max-streams", "1"))) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(worker.port("srt"), "cam1", 2_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                assertThat(SrtRefusal.of(worker.port("srt"), "cam1"))
                        .as("duplicate")
                        .isEqualTo(1409);
                assertThat(SrtRefusal.of(worker.port("srt"), "cam2"))
                        .as("cluster full")
                        .isEqualTo(1402);
                assertThat(SrtRefusal.of(worker.port("srt"), "cam 2")).as("bad id").isEqualTo(1400);
                assertThat(SrtRefusal.of(worker.port("srt"), "")).as("no id").isEqualTo(1400);
                assertThat(SrtRefusal.of(worker.port("srt"), "#!::r=cam1,m=request"))
                        .as("mode")
                        .isEqualTo(1405);
                assertThat(cluster.hasStatus("cam1", "ACTIVE")).isTrue();
            }
        }
    }

    @Test
    void aKilledControlPlaneCostsNoByteAndTheWorkerComesBackToTheNextOne() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(worker.port("srt"), "cam1", 8_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                try (Ledger ledger = new Ledger(cluster.delivery(worker), "cam1")) {
                    cluster.control().kill();
                    long before = ledger.packets();
                    Cluster.await(
                            "media without a control plane",
                            SOON,
                            () -> ledger.packets() > before + 5_000);
                    cluster.restartControl();
                    Cluster.await(
                            "cam1 is known again", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                    assertThat(ledger.wrong() + ledger.missing()).isZero();
                    assertThat(ledger.discontinuities()).isEmpty();
                    assertThat(publisher.isAlive()).isTrue();
                }
            }
        }
    }

    @Test
    void aKilledWorkersStreamIsAdmittedAgainWithinTheLease() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of("admission.max-streams", "1"))) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(first.port("srt"), "cam1", 2_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                first.kill();
                long killedNs = System.nanoTime();
                Cluster.await(
                        "the worker is known to be lost",
                        Duration.ofSeconds(8),
                        () -> cluster.hasStatus("cam1", "RECONNECTING"));
                assertThat(Duration.ofNanos(System.nanoTime() - killedNs))
                        .isLessThan(Duration.ofMillis(7_500));
                try (NumberedPublisher _ =
                        NumberedPublisher.persistent(second.port("srt"), "cam1", 2_000)) {
                    Cluster.await(
                            "cam1 is active at w2",
                            SOON,
                            () ->
                                    cluster.hasStatus("cam1", "ACTIVE")
                                            && cluster.get("/api/v1/streams/cam1")
                                                    .contains("\"w2\""));
                }
            }
        }
    }

    @Test
    void aStalledPackagerHarmsNobodyAndIsToldWhatItLost() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker =
                    cluster.startWorker(
                            "w1", Map.of("ring.min-bytes", "4MiB", "ring.length", "1s"));
            try (NumberedPublisher _ = new NumberedPublisher(worker.port("srt"), "cam1", 20_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                try (Ledger healthy = new Ledger(cluster.delivery(worker), "cam1");
                        Ledger stalled = new Ledger(cluster.delivery(worker), "cam1")) {
                    Cluster.await(
                            "both read",
                            SOON,
                            () -> healthy.packets() > 100 && stalled.packets() > 100);
                    stalled.stall(true);
                    long from = healthy.packets();
                    // 100,000 packets are 19 MB: what TCP, gRPC and the ring can hold for a stalled
                    // reader, several times.
                    Cluster.await(
                            "the healthy one reads on",
                            Duration.ofSeconds(30),
                            () -> healthy.packets() > from + 100_000);
                    stalled.stall(false);
                    Cluster.await(
                            "the stalled one is back",
                            SOON,
                            () ->
                                    stalled.lastNumber() > healthy.lastNumber() - 2_000
                                            && !stalled.discontinuities().isEmpty());
                    assertThat(healthy.missing() + healthy.wrong()).isZero();
                    assertThat(healthy.discontinuities()).isEmpty();
                    assertThat(stalled.wrong()).isZero();
                    assertThat(stalled.discontinuities())
                            .allMatch(gap ->
                                    gap.getCause() == DiscontinuityCause.DISCONTINUITY_CAUSE_LAPPED
                                            && gap.getLossesKnown());
                    Cluster.await(
                            "what it was told is what it misses",
                            SOON,
                            () ->
                                    stalled.discontinuities().stream()
                                                    .mapToLong(gap ->
                                                            gap.getLostBytes()
                                                                    / NumberedPublisher
                                                                            .TS_PACKET_BYTES)
                                                    .sum()
                                            == stalled.missing());
                }
            }
        }
    }

    @Test
    void anOperatorEndsAStreamAndItsSession() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(worker.port("srt"), "live/studio/cam1", 2_000)) {
                Cluster.await(
                        "active", SOON, () -> cluster.hasStatus("live/studio/cam1", "ACTIVE"));
                try (Ledger ledger = new Ledger(cluster.delivery(worker), "live/studio/cam1")) {
                    Cluster.await("reads", SOON, () -> ledger.packets() > 100);
                    assertThat(cluster.delete("/api/v1/streams/live/studio/cam1"))
                            .contains("STOPPED");
                    Cluster.await("the publisher is cut", SOON, () -> !publisher.isAlive());
                    Cluster.await("the packager is told", SOON, ledger::isOver);
                    assertThat(ledger.error()).isNull();
                    assertThat(ledger.events().getLast().getEnded().getReason())
                            .isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
                }
            }
        }
    }

    @Test
    void aWorkerWithLiveSessionsEndsWithinTwoSeconds() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(worker.port("srt"), "cam1", 2_000);
                    NumberedPublisher _ =
                            new NumberedPublisher(worker.port("srt"), "cam2", 2_000)) {
                Cluster.await(
                        "active",
                        SOON,
                        () ->
                                cluster.hasStatus("cam1", "ACTIVE")
                                        && cluster.hasStatus("cam2", "ACTIVE"));
                assertThat(worker.stop()).isLessThan(Duration.ofSeconds(2));
            }
        }
    }
}
