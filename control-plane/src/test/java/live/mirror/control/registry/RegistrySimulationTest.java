package live.mirror.control.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import live.mirror.control.admission.AdmissionSettings;
import live.mirror.control.admission.ReconnectSettings;
import live.mirror.control.testing.TestRedis;
import live.mirror.settings.SettingsReader;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;

/**
 * The scripts under a seeded history of claims, losses, returns, sweeps, deaths, cuts and lost,
 * doubled and late messages, with a clock of the simulation's. A seed that fails can be run again
 * with {@code -Dsimulation.seed=…}.
 */
class RegistrySimulationTest {

    private static final int STEPS = 1_500;

    /** Full most of the time. */
    private static final World.Shape CROWDED = new World.Shape(12, 4, 5, 16, 12);

    /** With room enough that workers are promised some. */
    private static final World.Shape ROOMY = new World.Shape(60, 3, 40, 70, 40);

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
    @ValueSource(longs = {1, 2, 3, 4})
    void neitherAPlaceNorAStreamIsGivenTwice(long seed) {
        hold(seed, CROWDED, false);
    }

    @ParameterizedTest
    @ValueSource(longs = {5, 6, 7})
    void whatWorkersAdmitAloneWasPromisedToThem(long seed) {
        World world = hold(seed, ROOMY, false);
        assertThat(world.admittedAlone()).isGreaterThan(5);
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void aRegistryThatForgetsEverythingConverges(long seed) {
        hold(seed, CROWDED, true);
    }

    @Test
    void aSeedThatNobodyKnows() {
        long seed = Long.getLong("simulation.seed", System.nanoTime());
        hold(seed, seed % 2 == 0 ? CROWDED : ROOMY, false);
    }

    /**
     * Faults put into the scripts on purpose: a simulation that does not see them proves nothing.
     */
    static java.util.stream.Stream<Arguments> faults() {
        return java.util.stream.Stream.of(
                arguments(
                        "a newer epoch at register",
                        CROWDED,
                        "if s ~= nil and seen > h.epoch then return",
                        "if false then return"),
                arguments("the promise", ROOMY, "count(0, 0, streams - before)", "count(0, 0, 0)"),
                arguments(
                        "the bitrate of a worker", CROWDED, "add_to_worker(a.worker, 0, more)", ""),
                arguments(
                        "a disabled stream",
                        CROWDED,
                        "if d.disabled == '1' then return refuse",
                        "if false then return refuse"));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void aFaultIsSeen(String what, World.Shape shape, String code, String fault) {
        AtomicInteger changed = new AtomicInteger();
        UnaryOperator<String> sources =
                source -> {
                    changed.addAndGet(source.contains(code) ? 1 : 0);
                    return source.replace(code, fault);
                };
        int seen = 0;
        for (long seed = 21; seed < 24; seed++) {
            World world = run(seed, shape, false, sources);
            seen += world.problems().isEmpty() ? 0 : 1;
        }
        assertThat(changed.get()).as(what + " is in the scripts").isPositive();
        assertThat(seen).as("seeds that see " + what).isEqualTo(3);
    }

    private World hold(long seed, World.Shape shape, boolean withDataLoss) {
        World world = run(seed, shape, withDataLoss, UnaryOperator.identity());
        assertThat(world.problems()).as("seed " + seed).isEmpty();
        assertThat(world.admitted()).isGreaterThan(50);
        return world;
    }

    private World run(
            long seed, World.Shape shape, boolean withDataLoss, UnaryOperator<String> sources) {
        System.err.println("simulation seed " + seed + (withDataLoss ? " with data loss" : ""));
        redis.cli("FLUSHALL");
        World world =
                new World(
                        shape,
                        () -> registry(shape, sources),
                        new Random(seed),
                        nowMs,
                        withDataLoss ? Optional.of(() -> redis.cli("FLUSHALL")) : Optional.empty());
        try {
            for (int i = 0; i < STEPS; i++) {
                world.step();
            }
            world.settle();
            return world;
        } finally {
            world.close();
        }
    }

    private Registry registry(World.Shape shape, UnaryOperator<String> sources) {
        SettingsReader settings =
                new SettingsReader(
                        Map.of(
                                "admission.max-streams",
                                Integer.toString(shape.maxStreams()),
                                "admission.max-kbps",
                                Long.toString(shape.maxKbps()),
                                "reconnect.delay",
                                "1s",
                                "registry.redis.timeout",
                                "5s"));
        return new Registry(
                RedisAddress.parse(redis.uri()),
                RegistrySettings.read(settings),
                AdmissionSettings.read(settings),
                ReconnectSettings.read(settings),
                () -> OptionalLong.of(nowMs.get()),
                sources);
    }
}
