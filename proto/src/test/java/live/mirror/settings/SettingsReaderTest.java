package live.mirror.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import java.time.Duration;
import java.util.List;
import java.util.Map;

class SettingsReaderTest {

    @Test
    void readsEachTypeInItsUnit() {
        SettingsReader reader =
                new SettingsReader(
                        Map.of(
                                "a.latency",
                                "80ms",
                                "a.ring",
                                "4MiB",
                                "a.bind",
                                "[::1]:0",
                                "a.count",
                                "7",
                                "a.on",
                                "true"));
        assertThat(
                        reader.duration(
                                "a.latency",
                                Duration.ofSeconds(1),
                                Duration.ZERO,
                                Duration.ofSeconds(8)))
                .isEqualTo(Duration.ofMillis(80));
        assertThat(reader.bytes("a.ring", 1, 1, 1L << 40)).isEqualTo(4L << 20);
        assertThat(reader.address("a.bind", "127.0.0.1:1")).isEqualTo(new HostPort("[::1]", 0));
        assertThat(reader.integer("a.count", 1, 0, 10)).isEqualTo(7);
        assertThat(reader.flag("a.on", false)).isTrue();
        reader.finish(List.of("a"));
    }

    @Test
    void namesEveryWrongSettingAtOnceWithWhatIsAllowed() {
        SettingsReader reader = new SettingsReader(Map.of("a.latency", "soon", "a.count", "11"));
        reader.duration("a.latency", Duration.ofMillis(120), Duration.ZERO, Duration.ofSeconds(8));
        reader.integer("a.count", 1, 0, 10);
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> reader.finish(List.of("a")))
                .withMessageContaining(
                        "a.latency: `soon` found, but it has to be a time span from 0s to 8s")
                .withMessageContaining(
                        "a.count: `11` found, but it has to be a whole number from 0 to 10");
    }

    @Test
    void theEnvironmentOverridesTheFileAndAPropertyOverridesBoth() {
        Map<String, String> file = Map.of("a.max-count", "1", "a.min-count", "1");
        Map<String, String> environment =
                Map.of("MIRROR_A_MAX_COUNT", "2", "MIRROR_A_MIN_COUNT", "2");
        SettingsReader reader = new SettingsReader(file, environment, Map.of("a.min-count", "3"));
        assertThat(reader.integer("a.max-count", 0, 0, 9)).isEqualTo(2);
        assertThat(reader.integer("a.min-count", 0, 0, 9)).isEqualTo(3);
    }

    @Test
    void listsWhatItHasReadWithDefaultsAndBounds() {
        SettingsReader reader = new SettingsReader(Map.of());
        reader.duration("a.latency", Duration.ofMillis(120), Duration.ZERO, Duration.ofSeconds(8));
        assertThat(reader.describe())
                .singleElement()
                .asString()
                .contains("a.latency", "120ms", "from 0s to 8s");
    }

    @Test
    void refusesASettingThatDoesNotExistAndOffersTheNearest() {
        SettingsReader reader = new SettingsReader(Map.of("srt.latncy", "80ms"));
        reader.duration(
                "srt.latency", Duration.ofMillis(120), Duration.ZERO, Duration.ofSeconds(8));
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> reader.finish(List.of("srt")))
                .withMessage("srt.latncy: there is no such setting; did you mean `srt.latency`?");
    }

    @Test
    void namesWhatWasMeantByAnUnknownVariableOfTheEnvironment() {
        SettingsReader reader =
                new SettingsReader(
                        Map.of(),
                        Map.of("MIRROR_SRT_LATENCYY", "80ms", "MIRROR_ADMISSION_X", "of others"),
                        Map.of());
        reader.duration(
                "srt.latency", Duration.ofMillis(120), Duration.ZERO, Duration.ofSeconds(8));
        reader.flag("srt.filter", true);
        assertThat(reader.unknownInEnvironment(List.of("srt")))
                .containsExactly(
                        "MIRROR_SRT_LATENCYY: there is no such setting; did you mean"
                                + " `MIRROR_SRT_LATENCY`?");
    }
}
