package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestCluster;
import live.mirror.settings.SettingsException;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** A registry in a real Redis Cluster, whose keys are all in one slot, and a node that dies. */
class RedisClusterTest {

    private static final Map<String, String> BRIEF =
            Map.of("registry.lease", "6s", "admission.max-streams", "100");

    @Test
    void theRegistryLivesInOneSlotAndOutlivesItsPrimary() throws Exception {
        try (TestCluster redis = new TestCluster();
                ControlPlane a = replica(redis);
                ControlPlane b = replica(redis);
                Api api = new Api(b.httpPort());
                FakeWorker worker = new FakeWorker(a.linkPort(), "w1", 1)) {
            worker.register(100);
            worker.listen();
            long first = worker.claim("cam1").getAdmitted().getEpoch();
            worker.report(active("cam1", first, 1));
            api.json("PUT", "/api/v1/definitions/cam3", "{\"expectedKbps\":100}", 200);
            api.json("POST", "/api/v1/ingests", "{\"streamId\":\"cam2\"}", 200);
            assertThat(api.status("cam1")).isEqualTo("ACTIVE");
            // Asked at one replica, told at the other: the event feed works.
            api.json("DELETE", "/api/v1/streams/cam1", 200);
            assertThat(worker.nextEnd().getReason()).isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);

            int primary = onlyPrimary(redis);
            assertThat(redis.keys(primary))
                    .contains("{mirror}:stream:cam1", "{mirror}:worker:w1", "{mirror}:events")
                    .allSatisfy(
                            key -> assertThat(redis.slot(key)).isEqualTo(redis.slot("{mirror}:")));
            redis.kill(primary);
            AtomicLong next = new AtomicLong();
            Await.until("claims are decided again", () -> isAdmitted(worker, next));
            assertThat(next.get()).isGreaterThan(first);
            Await.until("the other replica sees it", () -> sees(api, "cam1"));
            worker.report(active("cam1", next.get(), 1));
            api.json("DELETE", "/api/v1/streams/cam1", 200);
            assertThat(worker.nextEnd().getEpoch()).isEqualTo(next.get());
            assertThat(onlyPrimary(redis)).isNotEqualTo(primary);
        }
    }

    @Test
    void aPrefixThatWouldSpreadTheKeysStopsTheStart() {
        for (String prefix : new String[] {"mirror:", "{}mirror:", "mirror}{:"}) {
            assertThatExceptionOfType(SettingsException.class)
                    .isThrownBy(() -> start("redis-cluster://127.0.0.1:1", prefix))
                    .withMessageContaining("registry.prefix: `" + prefix)
                    .withMessageContaining("{mirror}:");
        }
    }

    private static ControlPlane replica(TestCluster redis) {
        return start(redis.uri(), "{mirror}:");
    }

    private static ControlPlane start(String uri, String prefix) {
        Map<String, String> settings = new java.util.HashMap<>(BRIEF);
        settings.put("registry.redis.uri", uri);
        settings.put("registry.prefix", prefix);
        return ControlPlane.start(ControlPlaneTest.settings(settings));
    }

    private static int onlyPrimary(TestCluster redis) {
        assertThat(redis.primariesWithKeys()).hasSize(1);
        return redis.primariesWithKeys().getFirst();
    }

    private static boolean isAdmitted(FakeWorker worker, AtomicLong epoch) {
        try {
            epoch.set(worker.claim("cam1", "again").getAdmitted().getEpoch());
            return epoch.get() > 0;
        } catch (StatusRuntimeException e) {
            assertThat(Reasons.of(e)).contains(Reason.REASON_REGISTRY_AWAY);
            return false;
        }
    }

    private static boolean sees(Api api, String stream) {
        return api.send("GET", "/api/v1/streams/" + stream, "").statusCode() == 200;
    }
}
