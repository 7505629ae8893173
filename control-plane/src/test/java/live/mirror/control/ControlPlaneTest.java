package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.settings.SettingsException;
import live.mirror.settings.SettingsReader;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.EndSession;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.HashMap;
import java.util.Map;

class ControlPlaneTest {

    private Api api;
    private ControlPlane controlPlane;
    private FakeWorker worker;

    @BeforeEach
    void start() {
        controlPlane = ControlPlane.start(settings(Map.of()));
        api = new Api(controlPlane.httpPort());
        worker = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        worker.register(10);
    }

    @AfterEach
    void stop() {
        worker.close();
        controlPlane.close();
        api.close();
    }

    @Test
    void aPublisherIsAdmittedSeenReportedAndStopped() throws Exception {
        worker.listen();
        long epoch = worker.claim("live/cam1").getAdmitted().getEpoch();
        assertThat(api.json("GET", "/api/v1/streams/live/cam1", 200))
                .satisfies(stream -> {
                    assertThat(stream.get("id").getAsString()).isEqualTo("live/cam1");
                    assertThat(stream.get("protocol").getAsString()).isEqualTo("srt");
                    assertThat(stream.get("status").getAsString()).isEqualTo("CONNECTING");
                    assertThat(stream.get("epoch").getAsLong()).isEqualTo(epoch);
                    assertThat(stream.get("worker").getAsString()).isEqualTo("w1");
                    assertThat(stream.has("metadata")).isTrue();
                    assertThat(stream.has("stats")).isTrue();
                });
        worker.report(active("live/cam1", epoch, 1234));
        JsonObject listed =
                api.json("GET", "/api/v1/streams", 200)
                        .getAsJsonArray("streams")
                        .get(0)
                        .getAsJsonObject();
        assertThat(listed.get("status").getAsString()).isEqualTo("ACTIVE");
        assertThat(listed.getAsJsonObject("stats").get("bytes").getAsLong()).isEqualTo(1234);
        assertThat(api.json("DELETE", "/api/v1/streams/live/cam1", 200).get("status").getAsString())
                .isEqualTo("STOPPED");
        assertThat(worker.nextEnd())
                .isEqualTo(
                        EndSession.newBuilder()
                                .setStreamId("live/cam1")
                                .setEpoch(epoch)
                                .setReason(Reason.REASON_STOPPED_BY_OPERATOR)
                                .build());
        assertThat(api.json("GET", "/api/v1/streams", 200).getAsJsonArray("streams")).isEmpty();
    }

    @Test
    void aSecondPublisherOfALiveStreamIsRefusedAndARetryIsNot() {
        ClaimResponse first = worker.claim("cam1", "r1");
        assertThat(worker.claim("cam1", "r1").getAdmitted()).isEqualTo(first.getAdmitted());
        assertThat(worker.claim("cam1", "r2").getRejected().getReason())
                .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
    }

    @Test
    void aPublisherMayReturnWithinTheWindowAndTheFenceGrows() {
        long first = worker.claim("cam1").getAdmitted().getEpoch();
        assertThat(worker.release("cam1", first, Reason.REASON_PUBLISHER_LOST).getWindowLeftMs())
                .isBetween(29_000L, 30_000L);
        assertThat(worker.claim("cam1").getAdmitted().getEpoch()).isGreaterThan(first);
        // Late news of the first session changes nothing.
        worker.release("cam1", first, Reason.REASON_PUBLISHER_LOST);
        assertThat(worker.claim("cam1").getRejected().getReason())
                .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
    }

    @Test
    void aFullWorkerAndAFullClusterRefuse() {
        try (FakeWorker small = new FakeWorker(controlPlane.linkPort(), "w2", 1)) {
            small.register(1);
            assertThat(small.claim("a").getRoom().getStreams()).isZero();
            assertThat(small.claim("b").getRejected().getReason())
                    .isEqualTo(Reason.REASON_CAPACITY);
            assertThat(worker.claim("b").hasAdmitted()).isTrue();
            assertThat(worker.claim("c").hasAdmitted()).isTrue();
            assertThat(worker.claim("d").getRejected().getDetail()).contains("cluster");
        }
    }

    @Test
    void aKilledWorkersStreamsAreAdmittedAgainWithinItsLease() {
        long first = worker.claim("cam1").getAdmitted().getEpoch();
        try (FakeWorker other = new FakeWorker(controlPlane.linkPort(), "w2", 1)) {
            other.register(10);
            assertThat(other.claim("cam1").getRejected().getReason())
                    .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
            Await.until(
                    "the lease of w1 is over",
                    () -> {
                        other.report();
                        return api.status("cam1").equals("RECONNECTING");
                    });
            // Packagers wait with the stream: an answer, not an error, though nobody holds it.
            assertThat(api.json("GET", "/api/v1/locations/cam1", 200).get("status").getAsString())
                    .contains("RECONNECTING");
            assertThat(other.claim("cam1").getAdmitted().getEpoch()).isGreaterThan(first);
            // The worker comes back with its old session, which is not its own any more.
            assertThat(worker.register(10, held("cam1", first)).getFencedStreamsList())
                    .singleElement()
                    .satisfies(fenced -> assertThat(fenced.getEpoch()).isEqualTo(first));
        }
    }

    @Test
    void aRestartedWorkerIsRecognisedAtOnce() {
        worker.claim("cam1");
        try (FakeWorker restarted = new FakeWorker(controlPlane.linkPort(), "w1", 2)) {
            restarted.register(10);
            assertThat(restarted.claim("cam1").hasAdmitted()).isTrue();
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(worker::report)
                    .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_FENCED));
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> worker.register(10))
                    .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_FENCED));
        }
    }

    @Test
    void anEmptyRegistryIsRebuiltFromWhatWorkersHold() {
        long epoch = worker.claim("cam1").getAdmitted().getEpoch();
        try (ControlPlane fresh = ControlPlane.start(settings(Map.of("registry.lease", "2s")));
                FakeWorker same = new FakeWorker(fresh.linkPort(), "w1", 1)) {
            assertThat(same.register(10, held("cam1", epoch)).getFencedStreamsList()).isEmpty();
            assertThat(same.claim("cam1").getRejected().getReason())
                    .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
            assertThat(same.report(active("cam1", epoch, 1)).getFencedStreamsList()).isEmpty();
            Await.until("new streams are taken", () -> same.admits("cam2", epoch));
        }
    }

    @Test
    void everyErrorIsAProblemDocument() {
        assertThat(api.json("GET", "/api/v1/streams/nobody", 404).get("type").getAsString())
                .isEqualTo("NOT_FOUND");
        assertThat(api.json("GET", "/api/v1/streams/-x", 400).get("type").getAsString())
                .isEqualTo("BAD_STREAM_ID");
        assertThat(api.json("GET", "/nowhere", 404).get("type").getAsString())
                .isEqualTo("NOT_FOUND");
    }

    @Test
    void figuresAndHealthAreAtTheAdminPort() {
        worker.claim("cam1");
        Await.until(
                "the stream is counted",
                () ->
                        admin("/metrics")
                                .lines()
                                .anyMatch(line ->
                                        line.matches("mirror_active_streams_total\\{.*} 1.0")));
        assertThat(admin("/health/live")).contains("UP");
        assertThat(admin("/health/ready")).contains("UP");
    }

    @Test
    void aWrongSettingStopsTheStartWithItsName() {
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> ControlPlane.start(settings(Map.of("registry.lease", "soon"))))
                .withMessageContaining("registry.lease: `soon` found");
    }

    static SettingsReader settings(Map<String, String> more) {
        Map<String, String> values =
                new HashMap<>(
                        Map.of(
                                "server.http", "127.0.0.1:0",
                                "server.link", "127.0.0.1:0",
                                "server.admin", "127.0.0.1:0",
                                "registry.lease", "800ms",
                                "registry.sweep-interval", "20ms",
                                "admission.max-streams", "3"));
        values.putAll(more);
        return new SettingsReader(values);
    }

    private String admin(String path) {
        try (Api admin = new Api(controlPlane.adminPort())) {
            return admin.send("GET", path, "").body();
        }
    }
}
