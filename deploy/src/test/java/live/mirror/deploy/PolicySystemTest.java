package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Map;

/** What an operator lays down, and what a worker may decide alone. */
@Timeout(180)
class PolicySystemTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @Test
    void withoutAControlPlaneAWorkerAdmitsWithinItsGrantAndTellsItLater() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            Cluster.await(
                    "a grant",
                    SOON,
                    () ->
                            cluster.getFrom(worker.address("admin"), "/metrics")
                                    .matches("(?s).*mirror_granted_streams\\{[^}]*} [1-9].*"));
            cluster.control().kill();
            try (NumberedPublisher publisher =
                    NumberedPublisher.persistent(worker.port("srt"), "cam1", 2_000)) {
                try (Ledger ledger = awaitMedia(cluster, worker, "cam1")) {
                    cluster.restartControl();
                    Cluster.await("cam1 is told", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                    long before = ledger.packets();
                    Cluster.await("media goes on", SOON, () -> ledger.packets() > before + 500);
                    assertThat(ledger.missing() + ledger.wrong()).isZero();
                    assertThat(publisher.isAlive()).isTrue();
                }
            }
        }
    }

    @Test
    void aPublisherReturnsToAFullClusterAtAnotherWorker() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of("admission.max-streams", "1"))) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(first.port("srt"), "cam1", 2_000)) {
                Cluster.await("active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                publisher.close();
            }
            Cluster.await("waits", SOON, () -> cluster.hasStatus("cam1", "RECONNECTING"));
            Cluster.await("full", SOON, () -> SrtRefusal.of(second.port("srt"), "cam2") == 1402);
            try (NumberedPublisher _ =
                    NumberedPublisher.persistent(second.port("srt"), "cam1", 2_000)) {
                Cluster.await(
                        "active at w2",
                        SOON,
                        () ->
                                cluster.hasStatus("cam1", "ACTIVE")
                                        && cluster.get("/api/v1/streams/cam1").contains("\"w2\""));
            }
        }
    }

    @Test
    void aDrainedWorkersPublishersComeBackElsewhere() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            try (NumberedPublisher publisher =
                    new NumberedPublisher(first.port("srt"), "cam1", 2_000)) {
                Cluster.await("active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                cluster.send("POST", "/api/v1/workers/w1/drain", "{}");
                Cluster.await(
                        "refuses", SOON, () -> SrtRefusal.of(first.port("srt"), "cam9") == 1503);
                Cluster.await("let go", Duration.ofSeconds(40), () -> !publisher.isAlive());
            }
            try (NumberedPublisher _ =
                    NumberedPublisher.persistent(second.port("srt"), "cam1", 2_000)) {
                Cluster.await("active at w2", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
            }
            cluster.send("POST", "/api/v1/workers/w1/undrain", "{}");
            try (NumberedPublisher _ =
                    NumberedPublisher.persistent(first.port("srt"), "cam9", 2_000)) {
                Cluster.await(
                        "w1 takes publishers again",
                        SOON,
                        () -> cluster.hasStatus("cam9", "ACTIVE"));
            }
        }
    }

    @Test
    void aDefinitionDecidesWhoIsLetInAndARefusalCanBeLookedUp() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            assertThat(
                            cluster.send(
                                    "PUT",
                                    "/api/v1/definitions/cam1",
                                    "{\"publishKey\":\"open-sesame\"}"))
                    .contains("\"publishKeySet\":true");
            Cluster.await(
                    "the gate knows",
                    SOON,
                    () -> SrtRefusal.of(worker.port("srt"), "#!::r=cam1,m=publish") == 1401);
            assertThat(cluster.get("/api/v1/explain?streamId=%23!::r=cam1,m=publish"))
                    .contains("\"streamId\":\"cam1\"", "\"dialect\":\"STANDARD\"")
                    .contains("\"reason\":\"UNAUTHORIZED\"", "\"srtCode\":1401");
            // The gate remembers for some seconds that a claim of the stream was refused.
            Cluster.await(
                    "the key is good",
                    SOON,
                    () ->
                            cluster.get("/api/v1/explain?streamId=cam1%3Ftoken=open-sesame")
                                    .matches(
                                            ".*\"reason\":\"\",\"srtCode\":0,.*\"latencyMs\":120.*"));
            assertThat(cluster.get("/api/v1/explain?streamId=cam1&port=1")).contains("NOT_FOUND");
            cluster.send(
                    "PUT",
                    "/api/v1/definitions/cam2",
                    "{\"passphrase\":\"correct horse\",\"srt\":{\"keyBytes\":32,\"latencyMs\":200,"
                            + "\"maxLatencyMs\":900,\"immediate\":true}}");
            Cluster.await(
                    "what is laid down is granted",
                    SOON,
                    () ->
                            cluster.get("/api/v1/explain?streamId=cam2")
                                    .contains(
                                            "\"encryptionRequired\":true,\"keyBytes\":32,"
                                                    + "\"latencyMs\":200,\"maxLatencyMs\":900,"
                                                    + "\"immediate\":true"));
            Cluster.await(
                    "the refusal is told",
                    SOON,
                    () -> cluster.get("/api/v1/refusals").contains("\"srtCode\":1401"));
            try (NumberedPublisher _ =
                    NumberedPublisher.persistent(
                            worker.port("srt"), "#!::r=cam1,m=publish,s=open-sesame", 2_000)) {
                Cluster.await("active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                Cluster.await(
                        "every figure of libsrt is told",
                        SOON,
                        () ->
                                cluster.get("/api/v1/streams/cam1")
                                        .matches(".*\"srt\":\\{.*\"uniquePackets\":[1-9].*"));
            }
        }
    }

    private static Ledger awaitMedia(Cluster cluster, MirrorProcess worker, String streamId)
            throws Exception {
        long deadlineNs = System.nanoTime() + SOON.toNanos();
        while (true) {
            Ledger ledger = new Ledger(cluster.delivery(worker), streamId);
            Cluster.await("an answer", SOON, () -> ledger.isOver() || ledger.packets() > 100);
            if (!ledger.isOver()) {
                return ledger;
            }
            ledger.close();
            assertThat(System.nanoTime())
                    .as("media of " + streamId + " in time")
                    .isLessThan(deadlineNs);
        }
    }
}
