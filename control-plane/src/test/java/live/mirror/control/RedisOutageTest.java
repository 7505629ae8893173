package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.StatusRuntimeException;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestRedis;
import live.mirror.control.testing.TestSentinels;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A Redis that goes away in each of the ways it can: a running stream stays its worker's,
 * everything is as before within five seconds of the return, fences grow, and nobody asks Redis
 * whether this process lives.
 */
class RedisOutageTest {

    private static final Duration CONVERGED = Duration.ofSeconds(5);

    @Test
    void stoppedAndContinued() {
        outage(
                TestRedis.inMemory(),
                redis -> {
                    redis.signal("STOP");
                    Await.elapsed(Duration.ofSeconds(3));
                },
                redis -> redis.signal("CONT"));
    }

    @Test
    void pausedForItsClients() {
        outage(
                TestRedis.inMemory(),
                redis -> {
                    redis.cli("CLIENT", "PAUSE", "3000", "ALL");
                    Await.elapsed(Duration.ofSeconds(3));
                },
                _ -> {});
    }

    @Test
    void killedAndStartedWithItsData() {
        outage(
                TestRedis.durable(),
                redis -> {
                    redis.kill();
                    Await.elapsed(Duration.ofSeconds(2));
                },
                TestRedis::start);
    }

    @Test
    void killedAndStartedWithoutItsData() {
        outage(
                TestRedis.inMemory(),
                redis -> {
                    redis.kill();
                    Await.elapsed(Duration.ofSeconds(2));
                },
                TestRedis::start);
    }

    @Test
    void fullForAWhile() {
        outage(
                TestRedis.inMemory(),
                redis -> {
                    redis.cli("CONFIG", "SET", "maxmemory", "1");
                    Await.elapsed(Duration.ofSeconds(3));
                },
                redis -> redis.cli("CONFIG", "SET", "maxmemory", "0"));
    }

    @Test
    void failedOverBySentinels() {
        try (TestSentinels sentinels = new TestSentinels()) {
            hold(
                    sentinels.uri(),
                    () -> {
                        sentinels.killPrimary();
                        Await.until("the replica takes over", sentinels::hasFailedOver);
                    },
                    () -> {});
        }
    }

    @Test
    void ourOwnRedisKeepsItsDataWhereItIsTold(@TempDir Path data) {
        Map<String, String> settings = Map.of("registry.redis.data-dir", data.toString());
        try (ControlPlane first = ControlPlane.start(ControlPlaneTest.settings(settings));
                Api api = new Api(first.httpPort())) {
            api.json("PUT", "/api/v1/definitions/cam1", "{\"expectedKbps\": 4711}", 200);
            // Redis writes its log each second.
            Await.elapsed(Duration.ofMillis(1_500));
        }
        try (ControlPlane second = ControlPlane.start(ControlPlaneTest.settings(settings));
                Api api = new Api(second.httpPort())) {
            assertThat(
                            api.json("GET", "/api/v1/definitions/cam1", 200)
                                    .get("expectedKbps")
                                    .getAsLong())
                    .isEqualTo(4_711);
        }
    }

    private static void outage(
            TestRedis redis, Consumer<TestRedis> goes, Consumer<TestRedis> returns) {
        try (redis) {
            hold(redis.uri(), () -> goes.accept(redis), () -> returns.accept(redis));
        }
    }

    private static void hold(String uri, Runnable goes, Runnable returns) {
        try (ControlPlane controlPlane =
                        ControlPlane.start(
                                ControlPlaneTest.settings(
                                        Map.of(
                                                "registry.redis.uri",
                                                uri,
                                                "registry.lease",
                                                "1500ms")));
                Api api = new Api(controlPlane.httpPort());
                Api admin = new Api(controlPlane.adminPort());
                FakeWorker worker = new FakeWorker(controlPlane.linkPort(), "w1", 1)) {
            worker.register(10);
            long epoch = worker.claim("cam1").getAdmitted().getEpoch();
            worker.report(active("cam1", epoch, 1));
            goes.run();
            assertThat(admin.send("GET", "/health/live", "").statusCode()).isEqualTo(200);
            returns.run();
            long backNs = System.nanoTime();
            Await.until("the worker's stream is its own again", () -> goesOn(worker, epoch));
            Await.until("a new stream is admitted", () -> admits(worker, epoch));
            assertThat(Duration.ofNanos(System.nanoTime() - backNs)).isLessThan(CONVERGED);
            assertThat(api.status("cam1")).isEqualTo("ACTIVE");
        }
    }

    /** As a worker does: it reports, and registers when it is told that it is not known. */
    private static boolean goesOn(FakeWorker worker, long epoch) {
        try {
            return worker.report(active("cam1", epoch, 1)).getFencedStreamsCount() == 0;
        } catch (StatusRuntimeException e) {
            try {
                assertThat(worker.register(10, held("cam1", epoch)).getFencedStreamsList())
                        .isEmpty();
            } catch (StatusRuntimeException again) {
                return false;
            }
            return false;
        }
    }

    private static boolean admits(FakeWorker worker, long epoch) {
        try {
            long next = worker.claim("new-" + System.nanoTime()).getAdmitted().getEpoch();
            assertThat(next).isGreaterThan(epoch);
            return true;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }
}
