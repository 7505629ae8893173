package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.ByteString;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.Definitions;
import live.mirror.v1.Reason;
import live.mirror.v1.Refusal;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerCapacity;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.stream.StreamSupport;

/** Definitions, takeover, capacity in Mb/s, grants, drain, tokens and what operators can read. */
class RulesTest {

    private ControlPlane controlPlane;
    private Api api;
    private FakeWorker w1;
    private FakeWorker w2;

    @BeforeEach
    void start() {
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of(
                                        "admission.max-streams", "100",
                                        "admission.max-kbps", "100000",
                                        "registry.lease", "10s")));
        api = new Api(controlPlane.httpPort());
        w1 = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        w2 = new FakeWorker(controlPlane.linkPort(), "w2", 1);
        w1.register(10);
        w2.register(10);
    }

    @AfterEach
    void stop() {
        w1.close();
        w2.close();
        api.close();
        controlPlane.close();
    }

    @Test
    void aDefinitionIsKeptPushedAndObeyed() throws Exception {
        w1.listen();
        JsonObject made =
                api.json(
                        "PUT",
                        "/api/v1/definitions/live/cam1",
                        """
                        {"publishKey": "secret-key", "passphrase": "a long passphrase",
                         "expectedKbps": 5000, "reconnect": {"delayMs": 1000, "maxAttempts": 3}}
                        """,
                        200);
        assertThat(made.get("publishKey").getAsString()).isEmpty();
        assertThat(made.get("publishKeySet").getAsBoolean()).isTrue();
        assertThat(w1.nextCommand().hasDefinitionsChanged()).isTrue();
        Await.until(
                "the definition is pushed",
                () ->
                        w1
                                .report(ReportRequest.newBuilder())
                                .getDefinitions()
                                .getDefinitionsList()
                                .stream()
                                .anyMatch(d -> d.getPassphrase().equals("a long passphrase")));
        assertThat(w1.claim("live/cam1").getRejected().getReason())
                .isEqualTo(Reason.REASON_UNAUTHORIZED);
        ClaimResponse admitted =
                w1.claim(
                        w1.request("live/cam1")
                                .setCredentialId(
                                        live.mirror.contract.Credentials.id("secret-key")));
        assertThat(admitted.getAdmitted().getReservedKbps()).isEqualTo(5_000);
        assertThat(admitted.getAdmitted().getReconnectPolicy().getWindowMs()).isEqualTo(3_000);
    }

    @Test
    void aDisabledStreamIsRefusedAndADeletedDefinitionIsForgotten() {
        JsonObject made = api.json("PUT", "/api/v1/definitions/cam1", "{\"disabled\": true}", 200);
        long version = made.get("version").getAsLong();
        assertThat(w1.claim("cam1").getRejected().getReason()).isEqualTo(Reason.REASON_DISABLED);
        assertThat(
                        api.json("PUT", "/api/v1/definitions/cam1?ifVersion=-1", "{}", 409)
                                .get("type")
                                .getAsString())
                .isEqualTo("CONFLICT");
        api.json("PUT", "/api/v1/definitions/cam1?ifVersion=" + version, "{}", 200);
        api.json("DELETE", "/api/v1/definitions/cam1", 200);
        api.json("GET", "/api/v1/definitions/cam1", 404);
        Await.until(
                "the deletion is pushed",
                () -> {
                    Definitions told =
                            w1.report(ReportRequest.newBuilder().setDefinitionsVersion(version))
                                    .getDefinitions();
                    return told.getDeletedList().contains("cam1");
                });
    }

    @Test
    void aSilentSessionGivesWayAndALiveOneDoesNot() {
        long first = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", first, 1));
        assertThat(w2.claim("cam1").getRejected().getReason())
                .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
        w1.report(active("cam1", first, 1).toBuilder().setSilentMs(1_500).build());
        assertThat(w2.claim("cam1").getAdmitted().getEpoch()).isGreaterThan(first);
        // The worker's own session, which it knows better than the last report.
        long second = w1.claim("cam2").getAdmitted().getEpoch();
        assertThat(w1.claim(w1.request("cam2").setSilentMs(1_000)).getAdmitted().getEpoch())
                .isGreaterThan(second);
    }

    @Test
    void encodersThatEvictEachOtherAreDampedAndTheIncumbentStays() throws Exception {
        api.json(
                "PUT",
                "/api/v1/definitions/cam1",
                "{\"publishKey\": \"secret-key\", \"takeover\": \"SAME_CREDENTIAL\"}",
                200);
        String credential = live.mirror.contract.Credentials.id("secret-key");
        w1.listen();
        long epoch =
                w1.claim(w1.request("cam1").setCredentialId(credential)).getAdmitted().getEpoch();
        for (int i = 0; i < 5; i++) {
            FakeWorker next = i % 2 == 0 ? w2 : w1;
            long newer =
                    next.claim(next.request("cam1").setCredentialId(credential))
                            .getAdmitted()
                            .getEpoch();
            assertThat(newer).isGreaterThan(epoch);
            epoch = newer;
        }
        assertThat(w1.nextEnd())
                .satisfies(end -> {
                    assertThat(end.getReason()).isEqualTo(Reason.REASON_MOVED);
                    assertThat(end.getMovedTo()).isEqualTo("w2.test:9090");
                });
        assertThat(
                        w1.claim(w1.request("cam1").setCredentialId(credential))
                                .getRejected()
                                .getDetail())
                .contains("incumbent");
        JsonArray timeline =
                api.json("GET", "/api/v1/timelines/cam1", 200).getAsJsonArray("entries");
        assertThat(timeline.get(timeline.size() - 1).getAsJsonObject().get("detail").getAsString())
                .contains("two publishers");
    }

    @Test
    void aBitrateIsReservedAndTheMeasuredOneTakesItsPlace() {
        // 100,000 kb/s in all, 10,000 reserved by default.
        long[] epochs = new long[10];
        for (int i = 0; i < 10; i++) {
            FakeWorker worker = i < 5 ? w1 : w2;
            epochs[i] = worker.claim("cam" + i).getAdmitted().getEpoch();
        }
        assertThat(w1.claim("one-more").getRejected().getDetail()).contains("bitrate");
        // The first one needs far less than was reserved for it.
        w1.report(measured("cam0", epochs[0], 1_000));
        assertThat(w1.claim(w1.request("one-more").setExpectedKbps(8_000)).hasAdmitted()).isTrue();
    }

    @Test
    void aSessionThatSendsTooMuchIsEndedWhereTheDefinitionSaysSo() throws Exception {
        api.json(
                "PUT",
                "/api/v1/definitions/cam1",
                "{\"expectedKbps\": 2000, \"endOnOvershoot\": true}",
                200);
        w1.listen();
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(measured("cam1", epoch, 2_100));
        assertThat(api.status("cam1")).isEqualTo("ACTIVE");
        w1.report(measured("cam1", epoch, 3_000));
        assertThat(w1.nextEnd().getReason()).isEqualTo(Reason.REASON_CAPACITY);
        assertThat(api.status("cam1")).isEqualTo("STOPPED");
    }

    @Test
    void aGrantIsReservedAndConsumed() {
        int granted = w1.register(10).getGrant().getStreams();
        assertThat(granted).isZero();
        // Ten streams by bitrate, two workers: nothing to spare. Without a limit there is.
        try (ControlPlane large =
                        ControlPlane.start(
                                ControlPlaneTest.settings(Map.of("admission.max-streams", "100")));
                FakeWorker worker = new FakeWorker(large.linkPort(), "w1", 1)) {
            var registered = worker.register(1_000);
            assertThat(registered.getGrant().getStreams()).isEqualTo(10);
            assertThat(registered.getGrant().getValidMs()).isEqualTo(600_000);
            try (FakeWorker other = new FakeWorker(large.linkPort(), "w2", 1)) {
                assertThat(other.register(1_000).getRoom().getStreams()).isEqualTo(90);
            }
            assertThat(worker.claim("cam1").getRoom().getStreams()).isBetween(94, 99);
        }
    }

    @Test
    void aDrainedWorkerTakesNothingNewUntilItIsUndrained() throws Exception {
        w1.listen();
        assertThat(api.json("POST", "/api/v1/workers/w1/drain", 200).get("draining").getAsBoolean())
                .isTrue();
        assertThat(w1.nextCommand().getDrain().getWithinMs()).isEqualTo(120_000);
        assertThat(w1.claim("cam1").getRejected().getReason()).isEqualTo(Reason.REASON_DRAINING);
        api.json("POST", "/api/v1/workers/w1/undrain", 200);
        assertThat(w1.nextCommand().hasUndrain()).isTrue();
        assertThat(w1.claim("cam1").hasAdmitted()).isTrue();
    }

    @Test
    void anIngestIsPlacedWhereThereIsMostRoomAndItsTokenIsGoodOnce() {
        w1.claim("busy1");
        JsonObject first = allocate("cam1");
        assertThat(first.get("worker").getAsString()).isEqualTo("w2");
        assertThat(first.get("srtStreamId").getAsString().length()).isLessThan(512);
        // The first placement shows in no report yet and counts all the same.
        assertThat(
                        java.util.Set.of(
                                allocate("cam2").get("worker").getAsString(),
                                allocate("cam3").get("worker").getAsString()))
                .containsExactlyInAnyOrder("w1", "w2");
        ByteString token = ByteString.copyFromUtf8("0123456789ab");
        assertThat(w1.claim(w1.request("cam4").setTokenId(token)).hasAdmitted()).isTrue();
        assertThat(w1.claim(w1.request("cam5").setTokenId(token)).getRejected().getReason())
                .isEqualTo(Reason.REASON_TOKEN_EXPIRED);
    }

    @Test
    void anOperatorCanReadWhyAnEncoderWasRefused() {
        w1.claim("cam1");
        w2.claim(w2.request("cam1").setSource("192.0.2.7:4711"));
        w1.report(
                ReportRequest.newBuilder()
                        .addRefusals(
                                Refusal.newBuilder()
                                        .setStreamId("no id\u001b[2J")
                                        .setSource("192.0.2.9:1")
                                        .setSrtCode(1400)
                                        .setProtocol(live.mirror.v1.Protocol.PROTOCOL_SRT)
                                        .setReason(Reason.REASON_BAD_STREAM_ID)));
        JsonArray refusals = api.json("GET", "/api/v1/refusals", 200).getAsJsonArray("refusals");
        assertThat(refusals).hasSize(2);
        JsonObject gate = refusals.get(0).getAsJsonObject();
        assertThat(gate.get("srtCode").getAsInt()).isEqualTo(1400);
        assertThat(gate.get("streamId").getAsString()).isEqualTo("no id?[2J");
        assertThat(
                        api.json("GET", "/api/v1/refusals?source=192.0.2.7", 200)
                                .getAsJsonArray("refusals")
                                .get(0)
                                .getAsJsonObject()
                                .get("reason")
                                .getAsString())
                .isEqualTo("ALREADY_PUBLISHING");
    }

    @Test
    void whoIsToPublishIsToldTheLatencyThatIsLaidDown() {
        assertThat(allocate("cam1").get("latencyMs").getAsInt()).isEqualTo(120);
        api.json("PUT", "/api/v1/definitions/cam1", "{\"srt\":{\"latencyMs\":400}}", 200);
        assertThat(allocate("cam1").get("latencyMs").getAsInt()).isEqualTo(400);
    }

    @Test
    void aTimelineTellsEveryTransitionWithCauseSideAndFigures() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 1));
        w1.release("cam1", epoch, Reason.REASON_PUBLISHER_LOST);
        api.json("DELETE", "/api/v1/streams/cam1", 200);
        assertThat(
                        StreamSupport.stream(
                                        api.json("GET", "/api/v1/timelines/cam1", 200)
                                                .getAsJsonArray("entries")
                                                .spliterator(),
                                        false)
                                .map(entry -> entry.getAsJsonObject())
                                .map(entry ->
                                        entry.get("status").getAsString()
                                                + " "
                                                + entry.get("side").getAsString()
                                                + " "
                                                + entry.get("reason").getAsString()))
                .containsExactly(
                        "CONNECTING worker ",
                        "ACTIVE worker ",
                        "RECONNECTING worker PUBLISHER_LOST",
                        "STOPPED operator STOPPED_BY_OPERATOR");
    }

    @Test
    void aPageIsFilteredAndContinued() {
        for (int i = 0; i < 5; i++) {
            w1.claim("cam" + i);
        }
        w2.claim("other");
        JsonObject page = api.json("GET", "/api/v1/streams?pageSize=2&worker=w1", 200);
        assertThat(page.getAsJsonArray("streams")).hasSize(2);
        JsonObject next =
                api.json(
                        "GET",
                        "/api/v1/streams?pageSize=10&worker=w1&pageToken="
                                + page.get("nextPageToken").getAsString(),
                        200);
        assertThat(next.getAsJsonArray("streams")).hasSize(3);
        assertThat(api.json("GET", "/api/v1/streams?status=ACTIVE", 200).getAsJsonArray("streams"))
                .isEmpty();
        api.json("GET", "/api/v1/streams?status=NONSENSE", 400);
        api.json("GET", "/api/v1/streams?colour=red", 400);
    }

    @Test
    void oneKbpsLimitedWorkerRefusesByItsOwnRoom() {
        try (FakeWorker small = new FakeWorker(controlPlane.linkPort(), "w3", 1)) {
            small.register(WorkerCapacity.newBuilder().setStreams(10).setKbps(15_000).build());
            assertThat(small.claim("a").hasAdmitted()).isTrue();
            assertThat(small.claim("b").getRejected().getDetail()).contains("of the worker");
        }
    }

    private JsonObject allocate(String stream) {
        return api.json("POST", "/api/v1/ingests", "{\"streamId\": \"" + stream + "\"}", 200);
    }

    private static StreamReport measured(String stream, long epoch, long kbps) {
        return StreamReport.newBuilder()
                .setStreamId(stream)
                .setEpoch(epoch)
                .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                .setStats(StreamStats.newBuilder().setBitrateBps(kbps * 1_000))
                .build();
    }
}
