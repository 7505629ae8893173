package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestRedis;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.PullReport;
import live.mirror.v1.Reason;
import live.mirror.v1.ReportRequest;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/** Sources that are dialled: one worker at a time, another one when that is gone. */
class PullTest {

    private TestRedis redis;
    private ControlPlane controlPlane;
    private Api api;
    private FakeWorker w1;
    private FakeWorker w2;

    @BeforeEach
    void start() throws Exception {
        redis = TestRedis.inMemory();
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of(
                                        "registry.redis.uri",
                                        redis.uri(),
                                        "admission.max-streams",
                                        "100",
                                        "registry.lease",
                                        "1500ms")));
        api = new Api(controlPlane.httpPort());
        w1 = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        w1.register(10);
        w1.listen();
        w2 = new FakeWorker(controlPlane.linkPort(), "w2", 1);
    }

    @AfterEach
    void stop() {
        w1.close();
        w2.close();
        api.close();
        controlPlane.close();
        redis.close();
    }

    @Test
    void aSourceIsGivenToOneWorkerWhichAloneMayPublishIt() throws Exception {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        assertThat(w1.claim("cam1").getRejected().getReason()).isEqualTo(Reason.REASON_FORBIDDEN);
        w2.register(10);
        assertThat(pulled(w2, "cam1").getRejected().getReason()).isEqualTo(Reason.REASON_FENCED);
        assertThat(pulled(w1, "cam1").hasAdmitted()).isTrue();
        // It dials again after a break that the registry has not heard of.
        assertThat(pulled(w1, "cam1").hasAdmitted()).isTrue();
    }

    @Test
    void theWorkerIsToldAtOnceAndHearsTheWholeTruthWhenItRegisters() throws Exception {
        define("cam1");
        boolean told = false;
        while (!told) {
            told = w1.nextCommand().hasPullsChanged();
        }
        assertThat(w1.report().getPulls().getStreamIdsList()).containsExactly("cam1");
        assertThat(w1.register(10).getPulls().getStreamIdsList()).containsExactly("cam1");
    }

    @Test
    void theApiShowsWhoDialsAndHowItGoes() {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        assertThat(pullOf("cam1").get("state").getAsString()).isEqualTo("ASSIGNED");
        assertThat(pullOf("cam1").get("worker").getAsString()).isEqualTo("w1");
        tell(PullReport.newBuilder());
        assertThat(pullOf("cam1").get("state").getAsString()).isEqualTo("DIALLING");
        tell(
                PullReport.newBuilder()
                        .setFailedAttempts(3)
                        .setLastProblem("refused: 1404")
                        .setNextAttemptMs(60_000));
        assertThat(pullOf("cam1"))
                .satisfies(pull -> {
                    assertThat(pull.get("state").getAsString()).isEqualTo("WAITING");
                    assertThat(pull.get("failedAttempts").getAsInt()).isEqualTo(3);
                    assertThat(pull.get("lastProblem").getAsString()).isEqualTo("refused: 1404");
                    assertThat(Instant.parse(pull.get("nextAttemptAt").getAsString()))
                            .isEqualTo(
                                    Instant.parse(pull.get("toldAt").getAsString())
                                            .plusSeconds(60));
                });
        tell(PullReport.newBuilder().setFailedAttempts(4).setGivenUp(true));
        assertThat(pullOf("cam1").get("state").getAsString()).isEqualTo("GIVEN_UP");
        tell(PullReport.newBuilder().setConnected(true));
        assertThat(pullOf("cam1").get("state").getAsString()).isEqualTo("CONNECTED");
        assertThat(api.json("GET", "/api/v1/pulls", 200).getAsJsonArray("pulls"))
                .containsExactly(pullOf("cam1"));
        api.json("POST", "/api/v1/workers/w1/drain", 200);
        assertThat(pullOf("cam1").get("state").getAsString()).isEqualTo("UNASSIGNED");
        api.json("DELETE", "/api/v1/definitions/cam1", 200);
        api.json("GET", "/api/v1/pulls/cam1", 404);
    }

    private JsonObject pullOf(String id) {
        return api.json("GET", "/api/v1/pulls/" + id, 200);
    }

    private void tell(PullReport.Builder pull) {
        w1.report(ReportRequest.newBuilder().addPulls(pull.setStreamId("cam1")));
    }

    @Test
    void aWorkerThatIsLostLosesItsSourcesToAnother() {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        long first = pulled(w1, "cam1").getAdmitted().getEpoch();
        w2.register(10);
        awaitPulls(w2, List.of("cam1"));
        assertThat(pulled(w2, "cam1").getAdmitted().getEpoch()).isGreaterThan(first);
        assertThat(w1.register(10, held("cam1", first)))
                .satisfies(registered -> {
                    assertThat(registered.getPulls().getStreamIdsList()).isEmpty();
                    assertThat(registered.getFencedStreamsList())
                            .singleElement()
                            .satisfies(fenced ->
                                    assertThat(fenced.getMovedTo()).isEqualTo("w2.test:9090"));
                });
    }

    @Test
    void aDrainedWorkerHandsItsSourcesOver() {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        w2.register(10);
        api.json("POST", "/api/v1/workers/w1/drain", 200);
        awaitPulls(w2, List.of("cam1"));
        awaitPulls(w1, List.of());
        assertThat(pulled(w2, "cam1").hasAdmitted()).isTrue();
    }

    @Test
    void sourcesSpreadOverWorkersBeforeTheirStreamsAreThere() {
        w2.register(10);
        for (int i = 0; i < 6; i++) {
            define("cam" + i);
        }
        Await.until(
                "each worker has three",
                () ->
                        w1.report().getPulls().getStreamIdsCount() == 3
                                && w2.report().getPulls().getStreamIdsCount() == 3);
    }

    @Test
    void theStreamEndsWithItsSource() throws Exception {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        long epoch = pulled(w1, "cam1").getAdmitted().getEpoch();
        api.json("DELETE", "/api/v1/definitions/cam1", 200);
        assertThat(w1.nextEnd())
                .satisfies(end -> {
                    assertThat(end.getEpoch()).isEqualTo(epoch);
                    assertThat(end.getReason()).isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
                });
        awaitPulls(w1, List.of());
        assertThat(api.status("cam1")).isEqualTo("STOPPED");
        assertThat(pulled(w1, "cam1").getRejected().getReason()).isEqualTo(Reason.REASON_FENCED);
    }

    @Test
    void afterALossOfDataTheWorkerThatHasAStreamKeepsItsSource() {
        define("cam1");
        awaitPulls(w1, List.of("cam1"));
        long epoch = pulled(w1, "cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 1));
        redis.cli("FLUSHALL");
        w2.register(10);
        w1.register(10, held("cam1", epoch));
        Await.until(
                "the definition is written back and the source given out",
                () -> {
                    assertThat(w2.report().getPulls().getStreamIdsList()).isEmpty();
                    return w1.report(active("cam1", epoch, 1))
                            .getPulls()
                            .getStreamIdsList()
                            .contains("cam1");
                });
        assertThat(api.status("cam1")).isEqualTo("ACTIVE");
    }

    @Test
    void whatIsNotLaidDownIsFilledInAndWhatCanNotBeIsRefused() {
        JsonObject pull = define("cam1").getAsJsonObject("pull");
        assertThat(pull.get("backoffMinMs").getAsLong()).isEqualTo(500);
        assertThat(pull.get("backoffMaxMs").getAsLong()).isEqualTo(30_000);
        for (String bad :
                List.of(
                        "{\"pull\": {\"port\": 1}}",
                        "{\"pull\": {\"host\": \"a b\", \"port\": 1}}",
                        "{\"pull\": {\"host\": \"a\", \"port\": 65536}}",
                        "{\"pull\": {\"host\": \"a\", \"port\": 1, \"backoffMinMs\": 9}}",
                        "{\"pull\": {\"host\": \"a\", \"port\": 1}, \"protocol\": \"rtp\"}")) {
            assertThat(
                            api.json("PUT", "/api/v1/definitions/cam2", bad, 400)
                                    .get("type")
                                    .getAsString())
                    .as(bad)
                    .isEqualTo("INVALID_REQUEST");
        }
    }

    private JsonObject define(String id) {
        return api.json(
                "PUT",
                "/api/v1/definitions/" + id,
                "{\"pull\": {\"host\": \"source.test\", \"port\": 9000, \"streamId\": \"out\"}}",
                200);
    }

    private static ClaimResponse pulled(FakeWorker worker, String id) {
        return worker.claim(worker.request(id).setPulled(true));
    }

    private static void awaitPulls(FakeWorker worker, List<String> ids) {
        Await.until(
                ids + " are the worker's to dial",
                () -> {
                    var answer = worker.report();
                    return answer.hasPulls()
                            ? answer.getPulls().getStreamIdsList().equals(ids)
                            : ids.isEmpty();
                });
    }
}
