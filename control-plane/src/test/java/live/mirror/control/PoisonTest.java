package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestRedis;
import live.mirror.v1.ClaimResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.ReportResponse;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStatus;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;

/**
 * Somebody writes something of another type in the place of one of the registry's keys: it is set
 * aside, and what it held is made again from the other keys and from what the worker says. One
 * control plane for all cases, each of which must leave it whole.
 */
class PoisonTest {

    private static TestRedis redis;
    private static ControlPlane controlPlane;
    private static Api api;
    private static FakeWorker w1;
    private static long live;
    private static long waiting;
    private static long pulled;

    @BeforeAll
    static void start() {
        redis = TestRedis.inMemory();
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of(
                                        "registry.redis.uri", redis.uri(),
                                        "admission.max-streams", "3",
                                        "registry.sweep-interval", "20ms")));
        api = new Api(controlPlane.httpPort());
        w1 = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        w1.register(10);
        api.json(
                "PUT",
                "/api/v1/definitions/pulled",
                "{\"pull\": {\"host\": \"source.test\", \"port\": 9000}}",
                200);
        Await.until(
                "the source is given away",
                () -> {
                    w1.report();
                    return pullPlacedAt("w1");
                });
        live = w1.claim("live").getAdmitted().getEpoch();
        waiting = w1.claim("waiting").getAdmitted().getEpoch();
        pulled = claimPulled().getAdmitted().getEpoch();
        Await.until("all is as it should be", PoisonTest::isWhole);
    }

    @AfterAll
    static void stop() {
        w1.close();
        api.close();
        controlPlane.close();
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cluster",
                "streams:active",
                "windows",
                "worker:w1",
                "worker:w1:streams",
                "worker:w1:pulls",
                "workers",
                "workers:lost",
                "grants",
                "definitions",
                "definitions:deleted",
                "placements:w1",
                "pulls",
                "pulls:free",
                "events",
                "refusals",
                "timeline:live",
            })
    void aKeyOfAnotherTypeIsSetAsideAndMadeAgain(String key) {
        redis.cli("SET", "mirror:" + key, "junk");
        Await.until(
                "the junk is set aside",
                () -> {
                    if (!isSetAside(key)) {
                        registerAgain();
                    }
                    return reportsAndClaims() && isSetAside(key);
                });
        Await.until("all is as it should be", PoisonTest::isWhole);
        assertThat(w1.claim("one-too-many").hasAdmitted()).isFalse();
        long next = w1.claim("waiting").getAdmitted().getEpoch();
        assertThat(next).isGreaterThan(waiting);
        waiting = next;
        Await.until("the publisher is lost again", PoisonTest::isWhole);
    }

    @Test
    void aNumberThatIsNoneInTheClustersRecordIsSetAsideWithIt() {
        redis.cli("HSET", "mirror:cluster", "streams", "junk");
        Await.until("all is as it should be", PoisonTest::isWhole);
        assertThat(redis.cli("HGET", "mirror:poison:mirror:cluster", "streams")).isEqualTo("junk");
    }

    private static boolean isSetAside(String key) {
        return redis.cli("GET", "mirror:poison:mirror:" + key).equals("junk");
    }

    private static void registerAgain() {
        w1.register(
                10,
                held("live", live),
                held("pulled", pulled),
                held("waiting", waiting).toBuilder()
                        .setStatus(StreamStatus.STREAM_STATUS_RECONNECTING)
                        .build());
    }

    /** What a real worker does each second; nobody gets a fourth place meanwhile. */
    private static boolean reportsAndClaims() {
        try {
            ReportResponse answer = w1.report(active("live", live, 1), lost(), pulledOne());
            assertThat(answer.getFencedStreamsList()).isEmpty();
        } catch (StatusRuntimeException e) {
            registerAgain();
        }
        try {
            assertThat(w1.claim("one-too-many").hasAdmitted()).isFalse();
        } catch (StatusRuntimeException e) {
            return false;
        }
        api.json("PUT", "/api/v1/definitions/other", "{}", 200);
        api.json("DELETE", "/api/v1/definitions/other", 200);
        api.json("POST", "/api/v1/ingests", "{\"streamId\": \"waiting\"}", 200);
        api.json("GET", "/api/v1/refusals", 200);
        api.send("GET", "/api/v1/timelines/live", "");
        return true;
    }

    private static boolean isWhole() {
        return reportsAndClaims()
                && api.status("live").equals("ACTIVE")
                && api.status("waiting").equals("RECONNECTING")
                && api.status("pulled").equals("ACTIVE")
                && api.json("GET", "/api/v1/streams", 200).getAsJsonArray("streams").size() == 3
                && api.json("GET", "/api/v1/definitions", 200).getAsJsonArray("definitions").size()
                        == 1
                && redis.cli("HGET", "mirror:cluster", "streams").equals("3")
                && redis.cli("HGET", "mirror:worker:w1", "streams").equals("3")
                && redis.cli("ZCARD", "mirror:windows").equals("1")
                && pullPlacedAt("w1")
                && redis.cli("SISMEMBER", "mirror:worker:w1:pulls", "pulled").equals("1");
    }

    private static boolean pullPlacedAt(String worker) {
        return redis.cli("HGET", "mirror:pulls", "pulled").equals(worker);
    }

    private static ClaimResponse claimPulled() {
        return w1.claim(w1.request("pulled").setPulled(true));
    }

    private static StreamReport pulledOne() {
        return active("pulled", pulled, 1);
    }

    private static StreamReport lost() {
        return active("waiting", waiting, 1).toBuilder()
                .setStatus(StreamStatus.STREAM_STATUS_RECONNECTING)
                .build();
    }

    @Test
    void aTokenThatIsNoTextIsTakenAsNew() {
        assertThat(w1.release("live", live, Reason.REASON_STOPPED_BY_OPERATOR).getStatus())
                .isEqualTo(StreamStatus.STREAM_STATUS_STOPPED);
        redis.cli("HSET", "mirror:token:0102", "a", "b");
        ClaimResponse again =
                w1.claim(
                        w1.request("live")
                                .setTokenId(
                                        com.google.protobuf.ByteString.copyFrom(
                                                new byte[] {1, 2})));
        assertThat(again.hasAdmitted()).isTrue();
        live = again.getAdmitted().getEpoch();
        Await.until("all is as it should be", PoisonTest::isWhole);
    }
}
