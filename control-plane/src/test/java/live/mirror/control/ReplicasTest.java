package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestRedis;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Two control planes over one Redis, and a Redis that is paused, killed and emptied. */
class ReplicasTest {

    private TestRedis redis;
    private ControlPlane a;
    private ControlPlane b;
    private Api apiA;
    private Api apiB;
    private FakeWorker w1;
    private FakeWorker w2;
    private String lease = "1500ms";

    @BeforeEach
    void start() {
        start(TestRedis.durable());
    }

    private void start(TestRedis own) {
        redis = own;
        a = replica();
        b = replica();
        apiA = new Api(a.httpPort());
        apiB = new Api(b.httpPort());
        w1 = new FakeWorker(a.linkPort(), "w1", 1);
        w2 = new FakeWorker(b.linkPort(), "w2", 1);
        w1.register(1_000);
        w2.register(1_000);
    }

    private ControlPlane replica() {
        return ControlPlane.start(
                ControlPlaneTest.settings(
                        Map.of(
                                "registry.redis.uri",
                                redis.uri(),
                                "registry.lease",
                                lease,
                                "admission.max-streams",
                                "100")));
    }

    @AfterEach
    void stop() {
        w1.close();
        w2.close();
        apiA.close();
        apiB.close();
        a.close();
        b.close();
        redis.close();
    }

    @Test
    void tenThousandClaimsForAHundredPlacesThroughTwoReplicasAdmitAHundred() {
        // These workers do not report: their leases must not end before the claims do.
        stop();
        lease = "60s";
        start();
        AtomicInteger admitted = new AtomicInteger();
        Queue<Throwable> unexpected = new ConcurrentLinkedQueue<>();
        // On each connection as many at once as a worker has.
        Semaphore atOnce = new Semaphore(32);
        try (var claims = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 10_000; i++) {
                FakeWorker worker = i % 2 == 0 ? w1 : w2;
                String stream = "cam" + i;
                claims.execute(() -> {
                    atOnce.acquireUninterruptibly();
                    while (true) {
                        try {
                            if (worker.claim(stream).hasAdmitted()) {
                                admitted.incrementAndGet();
                            }
                            atOnce.release();
                            return;
                        } catch (StatusRuntimeException e) {
                            // Overloaded: asked again, as a worker does.
                            if (!Reasons.of(e).equals(Optional.of(Reason.REASON_REGISTRY_AWAY))) {
                                unexpected.add(e);
                                atOnce.release();
                                return;
                            }
                        }
                    }
                });
            }
        }
        assertThat(unexpected).isEmpty();
        assertThat(admitted).hasValue(100);
        assertThat(apiA.json("GET", "/api/v1/streams", 200).getAsJsonArray("streams")).hasSize(100);
    }

    @Test
    void whatIsDoneAtOneReplicaIsSeenAndObeyedAtTheOther() throws Exception {
        w1.listen();
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 4711));
        assertThat(
                        apiB.json("GET", "/api/v1/streams/cam1", 200)
                                .getAsJsonObject("stats")
                                .get("bytes")
                                .getAsLong())
                .isEqualTo(4711);
        assertThat(w2.claim("cam1").getRejected().getReason())
                .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
        apiB.json("DELETE", "/api/v1/streams/cam1", 200);
        assertThat(w1.nextEnd().getEpoch()).isEqualTo(epoch);
        assertThat(apiA.status("cam1")).isEqualTo("STOPPED");
    }

    @Test
    void aWorkerGoesOnAtTheOtherReplicaWhenItsOwnDies() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        a.close();
        try (FakeWorker moved = new FakeWorker(b.linkPort(), "w1", 1)) {
            assertThat(moved.register(1_000, held("cam1", epoch)).getFencedStreamsList()).isEmpty();
            moved.report(active("cam1", epoch, 1));
            assertThat(apiB.status("cam1")).isEqualTo("ACTIVE");
        }
    }

    @Test
    void aPausedRedisCostsNoStreamAndIsNoticedAtOnce() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 1));
        redis.signal("STOP");
        long began = System.nanoTime();
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> w1.claim("cam2"))
                .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_REGISTRY_AWAY));
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
        // Longer than the lease.
        Await.elapsed(Duration.ofSeconds(2));
        redis.signal("CONT");
        Await.until("the worker's lease is renewed", () -> reports(w1, epoch));
        assertThat(apiB.status("cam1")).isEqualTo("ACTIVE");
        // The claim that failed was not carried out when Redis got to it.
        assertThat(apiB.send("GET", "/api/v1/streams/cam2", "").statusCode()).isEqualTo(404);
        Await.until("the other worker is back", () -> fences(w2, epoch));
        assertThat(w2.claim("cam2").hasAdmitted()).isTrue();
    }

    @Test
    void aRedisThatComesBackWithItsDataLosesNothing() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 1));
        redis.kill();
        Await.elapsed(Duration.ofSeconds(2));
        redis.start();
        Await.until("the worker's lease is renewed", () -> reports(w1, epoch));
        assertThat(apiA.status("cam1")).isEqualTo("ACTIVE");
        Await.until("the other replica is back too", () -> fences(w2, epoch));
        assertThat(w2.claim("cam2").getAdmitted().getEpoch()).isGreaterThan(epoch);
    }

    @Test
    void aRedisThatComesBackEmptyIsRebuiltAndFencesDoNotGoBack() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        apiA.json("PUT", "/api/v1/definitions/cam9", "{\"disabled\": true}", 200);
        redis.cli("FLUSHALL");
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> w1.report(active("cam1", epoch, 1)))
                .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_NOT_FOUND));
        assertThat(w1.register(1_000, held("cam1", epoch)).getFencedStreamsList()).isEmpty();
        assertThat(apiB.status("cam1")).isEqualTo("ACTIVE");
        w2.register(1_000);
        Await.until(
                "every worker had the time to say what it holds", () -> w2.admits("cam2", epoch));
        Await.until(
                "the definitions are written back",
                () -> apiB.send("GET", "/api/v1/definitions/cam9", "").statusCode() == 200);
    }

    @Test
    void whatRunsIsNotGivenAwayBeforeItsWorkerHadTheTimeToSayThatItHoldsIt() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        w1.report(active("cam1", epoch, 1));
        redis.cli("FLUSHALL");
        w2.register(1_000);
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> w2.claim("cam1"))
                .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_REGISTRY_AWAY));
        assertThat(w1.register(1_000, held("cam1", epoch)).getFencedStreamsList()).isEmpty();
        Await.until("new streams are taken again", () -> w2.admits("cam2", epoch));
        assertThat(w2.claim("cam1").getRejected().getReason())
                .isEqualTo(Reason.REASON_ALREADY_PUBLISHING);
        assertThat(reports(w1, epoch)).isTrue();
    }

    @Test
    void aDrainSurvivesTheLossOfTheRegistryAndEndsWithTheProcess() {
        w1.drained();
        redis.cli("FLUSHALL");
        assertThat(w1.register(1_000).getDrained()).isTrue();
        assertThat(w1.claim("cam1").getRejected().getReason()).isEqualTo(Reason.REASON_DRAINING);
        apiA.json("POST", "/api/v1/workers/w1/undrain", "{}", 200);
        assertThat(w1.register(1_000).getDrained()).isFalse();
        Await.until("every worker had the time to say what it holds", () -> w1.admits("cam1", 0));
    }

    @Test
    void aFullRedisRefusesNewStreamsWithAReasonAndRecovers() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        redis.cli("CONFIG", "SET", "maxmemory", "1");
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> w1.claim("cam2"))
                .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_REGISTRY_AWAY));
        redis.cli("CONFIG", "SET", "maxmemory", "0");
        assertThat(reports(w1, epoch)).isTrue();
        assertThat(w1.claim("cam2").hasAdmitted()).isTrue();
    }

    @Test
    void aPoisonedRecordIsSetAsideAndHurtsNobodyElse() {
        w1.claim("cam1");
        w1.claim("cam2");
        redis.cli("DEL", "mirror:stream:cam1");
        redis.cli("SET", "mirror:stream:cam1", "junk");
        redis.cli("HSET", "mirror:stream:cam2", "somebody-elses", "field");
        assertThat(apiA.json("GET", "/api/v1/streams", 200).getAsJsonArray("streams")).hasSize(1);
        assertThat(redis.cli("GET", "mirror:poison:mirror:stream:cam1")).isEqualTo("junk");
        Await.until(
                "the places are counted again",
                () -> redis.cli("HGET", "mirror:cluster", "streams").equals("1"));
        w1.release(
                "cam2",
                Long.parseLong(redis.cli("HGET", "mirror:stream:cam2", "epoch")),
                Reason.REASON_PUBLISHER_LOST);
        assertThat(redis.cli("HGET", "mirror:stream:cam2", "somebody-elses")).isEqualTo("field");
    }

    @Test
    void aTimelineOfAnotherKindIsSetAsideAndBeginsAnew() {
        redis.cli("XADD", "mirror:timeline:cam1", "*", "status", "ACTIVE");
        redis.cli("SET", "mirror:timeline:cam2", "junk");
        assertThat(w1.claim("cam1").hasAdmitted()).isTrue();
        assertThat(apiA.json("GET", "/api/v1/timelines/cam1", 200).getAsJsonArray("entries"))
                .hasSize(1);
        apiA.json("GET", "/api/v1/timelines/cam2", 404);
        assertThat(redis.cli("GET", "mirror:poison:mirror:timeline:cam2")).isEqualTo("junk");
        assertThat(redis.cli("HGET", "mirror:cluster", "poisoned")).isEqualTo("2");
    }

    @Test
    void aRecordThatWouldStopAScriptHalfwayIsSetAsideToo() {
        for (String field : new String[] {"kbps", "status", "changed", "window", "reconnects"}) {
            String stream = "mirror:stream:" + field;
            w1.claim(field);
            redis.cli("HSET", stream, field, "junk");
            assertThat(w1.claim(field).hasAdmitted()).as(field).isTrue();
            assertThat(redis.cli("HGET", "mirror:poison:" + stream, field)).isEqualTo("junk");
            w1.report();
            w2.report();
        }
        redis.cli("HSET", "mirror:stream:kbps", "kbps", "nan");
        redis.cli("HDEL", "mirror:worker:w2", "max_streams");
        // The sweeper meets them all when their worker is lost, and goes on.
        Await.until(
                "both workers are lost",
                () ->
                        redis.cli("ZCARD", "mirror:workers").equals("0")
                                && redis.cli("HGET", "mirror:cluster", "streams").equals("0"));
        assertThat(w2.register(1_000).getWorkerEpoch()).isPositive();
        assertThat(redis.cli("HGET", "mirror:cluster", "poisoned")).isEqualTo("7");
        assertThat(w2.claim("kbps").hasAdmitted()).isTrue();
    }

    /** Whether the worker's replica answers, and tells it that the stream is not its own. */
    private static boolean fences(FakeWorker worker, long epoch) {
        try {
            return worker.report(active("cam1", epoch, 1)).getFencedStreamsCount() > 0;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    /** Whether a report gets through and the stream is still the worker's own. */
    private static boolean reports(FakeWorker worker, long epoch) {
        try {
            return worker.report(active("cam1", epoch, 1)).getFencedStreamsCount() == 0;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }
}
