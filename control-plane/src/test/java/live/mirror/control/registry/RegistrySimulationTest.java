package live.mirror.control.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.RedisURI;

import live.mirror.control.admission.AdmissionSettings;
import live.mirror.control.admission.ReconnectSettings;
import live.mirror.control.testing.TestRedis;
import live.mirror.settings.SettingsReader;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The scripts under a seeded history of claims, losses, returns, sweeps, deaths, cuts and lost,
 * doubled and late messages, with a clock of the simulation's. A seed that fails can be run again
 * with {@code -Dsimulation.seed=…}.
 */
class RegistrySimulationTest {

    private static final int STEPS = 1_500;

    private static TestRedis redis;

    private final AtomicLong nowMs = new AtomicLong(1_800_000_000_000L);

    @BeforeAll
    static void start() {
        redis = TestRedis.inMemory();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void neitherAPlaceNorAStreamIsGivenTwice(long seed) {
        run(seed, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void aRegistryThatForgetsEverythingConverges(long seed) {
        run(seed, true);
    }

    @Test
    void aSeedThatNobodyKnows() {
        run(Long.getLong("simulation.seed", System.nanoTime()), false);
    }

    private void run(long seed, boolean withDataLoss) {
        System.err.println("simulation seed " + seed + (withDataLoss ? " with data loss" : ""));
        redis.cli("FLUSHALL");
        try (Registry one = registry();
                Registry two = registry()) {
            World world =
                    new World(
                            List.of(one, two),
                            new Random(seed),
                            nowMs,
                            withDataLoss
                                    ? Optional.of(() -> redis.cli("FLUSHALL"))
                                    : Optional.empty());
            for (int i = 0; i < STEPS; i++) {
                world.step();
            }
            world.settle();
            assertThat(world.problems()).as("seed " + seed).isEmpty();
            assertThat(world.admitted()).isGreaterThan(50);
        }
    }

    private Registry registry() {
        SettingsReader settings =
                new SettingsReader(
                        Map.of(
                                "admission.max-streams",
                                Integer.toString(World.MAX_STREAMS),
                                "reconnect.delay",
                                "1s",
                                "registry.redis.timeout",
                                "5s"));
        return new Registry(
                RedisURI.create(redis.uri()),
                RegistrySettings.read(settings),
                AdmissionSettings.read(settings),
                ReconnectSettings.read(settings),
                () -> OptionalLong.of(nowMs.get()));
    }
}
