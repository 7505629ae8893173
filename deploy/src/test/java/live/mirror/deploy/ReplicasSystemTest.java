package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Two control planes in processes of their own, over one Redis, and one of them is killed. */
@Timeout(120)
class ReplicasSystemTest {

    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final Duration SOON = Duration.ofSeconds(20);

    private final TextClient http = new TextClient(Duration.ofSeconds(2));

    @TempDir Path directory;

    @Test
    void aKilledReplicaCostsOneRetryAndItsWorkersAreBackWithinTwoSeconds() throws Exception {
        RedisProcess redis = new RedisProcess(directory);
        List<MirrorProcess> processes = new ArrayList<>();
        try {
            MirrorProcess a = replica(redis, processes);
            MirrorProcess b = replica(redis, processes);
            Map<String, String> settings = MirrorProcess.workerSettings("w1", a);
            settings.put("link.control-plane", a.address("link") + "," + b.address("link"));
            MirrorProcess worker = MirrorProcess.start(ROOT, "data-plane", settings);
            processes.add(worker);
            Cluster.await(
                    "both replicas list the worker",
                    SOON,
                    () ->
                            get(a, "/api/v1/workers").contains("\"LIVE\"")
                                    && get(b, "/api/v1/workers").contains("\"LIVE\""));
            try (NumberedPublisher publisher =
                    new NumberedPublisher(worker.port("srt"), "cam1", 2_000)) {
                Cluster.await("cam1 is active", SOON, () -> active(b, "cam1"));
                String before = get(b, "/api/v1/locations/cam1");
                int registrations = registrations(worker);
                a.kill();
                long killedNs = System.nanoTime();
                // Who asked there asks the next one: once.
                assertThat(get(b, "/api/v1/locations/cam1")).isEqualTo(before);
                Cluster.await(
                        "the worker is registered at the other replica",
                        SOON,
                        () -> registrations(worker) > registrations);
                assertThat(Duration.ofNanos(System.nanoTime() - killedNs))
                        .isLessThan(Duration.ofSeconds(2));
                assertThat(active(b, "cam1")).isTrue();
                assertThat(get(b, "/api/v1/locations/cam1")).isEqualTo(before);
                try (NumberedPublisher second =
                        new NumberedPublisher(worker.port("srt"), "cam2", 2_000)) {
                    Cluster.await("cam2 is active", SOON, () -> active(b, "cam2"));
                    assertThat(second.isAlive()).isTrue();
                }
                assertThat(publisher.isAlive()).isTrue();
            }
        } finally {
            for (MirrorProcess process : processes.reversed()) {
                process.close();
            }
            redis.close();
            http.close();
        }
    }

    private static MirrorProcess replica(RedisProcess redis, List<MirrorProcess> processes)
            throws Exception {
        Map<String, String> settings = MirrorProcess.controlPlaneSettings();
        settings.put("registry.redis.uri", redis.uri());
        MirrorProcess replica = MirrorProcess.start(ROOT, "control-plane", settings);
        processes.add(replica);
        return replica;
    }

    private boolean active(MirrorProcess replica, String stream) {
        return get(replica, "/api/v1/streams/" + stream).contains("\"ACTIVE\"");
    }

    private int registrations(MirrorProcess worker) {
        return http.get(worker.address("admin"), "/metrics")
                .lines()
                .filter(line -> line.startsWith("mirror_link_registrations_total"))
                .mapToInt(
                        line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .findFirst()
                .orElse(0);
    }

    private String get(MirrorProcess replica, String path) {
        return http.get(replica.address("http"), path);
    }
}
