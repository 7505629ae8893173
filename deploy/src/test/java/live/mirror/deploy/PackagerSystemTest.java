package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Reason;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What a packager on the client library lives through, with real processes. */
@Timeout(120)
class PackagerSystemTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void aPublishersReturnAtTheSameWorkerStaysInTheSameCall() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of());
                ClientLedger packager =
                        new ClientLedger(cluster.control().address("http"), "cam1")) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(worker.port("srt"), "cam1", 4_000)) {
                Cluster.await("media", SOON, () -> packager.packets() > 1_000);
                publisher.kill();
            }
            long before = packager.packets();
            // The first attempt may come before the old session counts as silent.
            try (NumberedPublisher _ =
                    NumberedPublisher.persistent(worker.port("srt"), "cam1", 4_000)) {
                Cluster.await("media again", SOON, () -> packager.packets() > before + 1_000);
                assertThat(packager.events()).contains("NEW_EPOCH");
                assertThat(packager.events().stream().filter(e -> e.startsWith("started")))
                        .as("one subscription")
                        .hasSize(1);
                assertThat(packager.wrong() + packager.untold()).isZero();
            }
        }
    }

    @Test
    void aPublisherAtAnotherWorkerIsFollowedWithinASecond() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of());
                ClientLedger packager =
                        new ClientLedger(cluster.control().address("http"), "cam1")) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(first.port("srt"), "cam1", 4_000)) {
                Cluster.await("media", SOON, () -> packager.packets() > 1_000);
                publisher.close();
            }
            Cluster.await(
                    "the publisher is missed",
                    SOON,
                    () -> cluster.hasStatus("cam1", "RECONNECTING"));
            Iterator<SubscribeResponse> other =
                    DeliveryServiceGrpc.newBlockingStub(cluster.delivery(first))
                            .withDeadlineAfter(SOON.toSeconds(), TimeUnit.SECONDS)
                            .subscribe(SubscribeRequest.newBuilder().setStreamId("cam1").build());
            assertThat(other.next().hasStarted()).isTrue();
            try (NumberedPublisher _ = new NumberedPublisher(second.port("srt"), "cam1", 4_000)) {
                assertFollowsWithinASecondOfAdmission(cluster, packager, "w2");
                assertThat(packager.resumedAt()).as("all that w2 received").isZero();
                SubscribeResponse last = other.next();
                while (!last.hasEnded()) {
                    last = other.next();
                }
                assertThat(last.getEnded().getMovedTo()).isEqualTo(second.address("delivery"));
                assertThat(packager.wrong() + packager.untold()).isZero();
            }
        }
    }

    @Test
    void aWorkersDeathIsSurvivedAndEveryHoleIsToldUntilTheWindowIsOver() throws Exception {
        // A window of four seconds.
        Map<String, String> soonOver =
                Map.of(
                        "registry.lease", "2s",
                        "reconnect.delay", "1s",
                        "reconnect.max-attempts", "4");
        try (Cluster cluster = Cluster.start(soonOver);
                ClientLedger packager =
                        new ClientLedger(cluster.control().address("http"), "cam1")) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(first.port("srt"), "cam1", 4_000)) {
                Cluster.await("media", SOON, () -> packager.packets() > 1_000);
                first.kill();
            }
            Cluster.await(
                    "the worker is known to be lost",
                    SOON,
                    () -> cluster.hasStatus("cam1", "RECONNECTING"));
            try (NumberedPublisher _ = new NumberedPublisher(second.port("srt"), "cam1", 4_000)) {
                assertFollowsWithinASecondOfAdmission(cluster, packager, "w2");
                assertThat(packager.events()).contains("NOT_RESUMABLE");
                second.kill();
            }
            assertThat(packager.ended().get(20, TimeUnit.SECONDS).getReason())
                    .isEqualTo(Reason.REASON_WINDOW_OVER);
            assertThat(packager.wrong() + packager.untold()).isZero();
        }
    }

    @Test
    void anOperatorsStopEndsThePackagerWithItsReason() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of());
                ClientLedger packager =
                        new ClientLedger(cluster.control().address("http"), "cam1")) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(worker.port("srt"), "cam1", 4_000)) {
                Cluster.await("media", SOON, () -> packager.packets() > 1_000);
                cluster.delete("/api/v1/streams/cam1");
                assertThat(packager.ended().get(5, TimeUnit.SECONDS).getReason())
                        .isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
            }
        }
    }

    private static void assertFollowsWithinASecondOfAdmission(
            Cluster cluster, ClientLedger packager, String worker) throws Exception {
        Cluster.await(
                "admitted at " + worker,
                SOON,
                () -> cluster.get("/api/v1/streams/cam1").contains("\"" + worker + "\""));
        long admittedNs = System.nanoTime();
        Cluster.await("the packager follows", SOON, () -> packager.worker().equals(worker));
        assertThat(Duration.ofNanos(System.nanoTime() - admittedNs))
                .isLessThan(Duration.ofSeconds(1));
        long before = packager.packets();
        Cluster.await("media again", SOON, () -> packager.packets() > before + 1_000);
    }
}
