package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Publishers at a dozen workers fight for streams and places without pause, at two control planes
 * over one Redis, while each of the three is killed and stopped. Everything that the workers were
 * told has to fit together: one owner at a time, fences that grow, places that are never exceeded,
 * and no stream taken from a worker that did nothing wrong.
 */
@Timeout(240)
class FaultsUnderLoadSystemTest {

    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final int PLACES = 15;
    private static final int WORKERS = 12;
    private static final Duration LEASE = Duration.ofSeconds(3);

    /** The compilers have not seen any of it yet. */
    private static final Duration START = Duration.ofSeconds(30);

    /** So soon after the return everything is as before. */
    private static final Duration CONVERGED = Duration.ofSeconds(5);

    private final ClaimHistory history = new ClaimHistory(LEASE.toNanos());
    private final List<Claimant> workers = new ArrayList<>();
    private final TextClient http = new TextClient(Duration.ofSeconds(2));
    private RedisProcess redis;
    private Map<String, String> settingsOfA;
    private MirrorProcess a;
    private MirrorProcess b;

    @TempDir Path directory;

    @BeforeEach
    void start() throws Exception {
        redis = new RedisProcess(directory);
        settingsOfA = settings();
        a = MirrorProcess.start(ROOT, "control-plane", settingsOfA);
        settingsOfA.putAll(a.controlPlaneAddresses());
        b = MirrorProcess.start(ROOT, "control-plane", settings());
        List<String> links = List.of(a.address("link"), b.address("link"));
        for (int i = 0; i < WORKERS; i++) {
            workers.add(new Claimant("w" + i, links, i, history));
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Claimant worker : workers) {
            worker.close();
        }
        a.close();
        b.close();
        redis.close();
        http.close();
    }

    @Test
    void whateverDiesNothingIsOwnedTwiceOrLost() throws Exception {
        claimsGoOn("at the beginning", START);

        redis.signal("STOP");
        stand(2_000);
        redis.signal("CONT");
        claimsGoOn("after Redis stood still");

        redis.kill();
        stand(1_000);
        redis.start();
        claimsGoOn("after kill -9 of Redis");

        redis.cli("CLIENT", "PAUSE", "2000", "ALL");
        stand(2_000);
        claimsGoOn("after Redis paused its clients");

        a.kill();
        claimsGoOn("after kill -9 of a control plane");
        a = MirrorProcess.start(ROOT, "control-plane", settingsOfA);

        RedisProcess.signal(b.handle(), "STOP");
        stand(2_000);
        RedisProcess.signal(b.handle(), "CONT");
        claimsGoOn("after a control plane stood still");

        List<Claimant> cutOff = workers.subList(0, 4);
        cutOff.forEach(Claimant::cut);
        stand(LEASE.toMillis());
        claimsGoOn("without the workers that were cut off");
        claimsGoOn("with their streams");
        cutOff.forEach(Claimant::heal);
        Cluster.await("they are told what they lost", CONVERGED, () -> history.fencings() > 0);

        a.kill();
        redis.kill();
        redis.start();
        a = MirrorProcess.start(ROOT, "control-plane", settingsOfA);
        claimsGoOn("after kill -9 of Redis and a control plane together");

        settle();
    }

    @Test
    void aRegistryThatForgetsEverythingTakesNothingFromAnybody() throws Exception {
        claimsGoOn("at the beginning", START);
        for (int i = 1; i <= 5; i++) {
            redis.cli("FLUSHALL");
            claimsGoOn("after loss " + i + " of all data");
        }
        settle();
    }

    private void settle() throws InterruptedException {
        workers.forEach(Claimant::settle);
        for (Claimant worker : workers) {
            Cluster.await("it has told everything", CONVERGED, worker::isSettled);
        }
        Cluster.await("registry and workers agree", CONVERGED, () -> disagreements().isEmpty());
        assertThat(history.problems(PLACES)).isEmpty();
    }

    private void claimsGoOn(String when) throws InterruptedException {
        claimsGoOn(when, CONVERGED);
    }

    private void claimsGoOn(String when, Duration within) throws InterruptedException {
        int before = history.admissions();
        Cluster.await("claims go on " + when, within, () -> history.admissions() > before + 30);
    }

    /** Streams that a worker holds and either control plane shows otherwise. */
    private List<String> disagreements() {
        List<String> all = new ArrayList<>();
        for (Claimant worker : workers) {
            for (ClaimHistory.Holding holding : worker.held().values()) {
                for (MirrorProcess replica : List.of(a, b)) {
                    String shown =
                            http.get(
                                    replica.address("http"), "/api/v1/streams/" + holding.stream());
                    if (!shown.contains("\"" + worker.id() + "\"")
                            || !shown.contains("\"epoch\":" + holding.epoch() + ",")
                            || !shown.contains("\"ACTIVE\"")) {
                        all.add(holding + " is shown as " + shown);
                    }
                }
            }
        }
        return all;
    }

    private Map<String, String> settings() {
        Map<String, String> settings = MirrorProcess.controlPlaneSettings();
        settings.put("registry.redis.uri", redis.uri());
        settings.put("registry.lease", LEASE.toMillis() + "ms");
        settings.put("admission.max-streams", Integer.toString(PLACES));
        settings.put("admission.grant", "0s");
        settings.put("reconnect.delay", "500ms");
        settings.put("reconnect.max-attempts", "1");
        return settings;
    }

    /** How long a fault lasts. */
    private static void stand(long ms) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(ms);
    }
}
