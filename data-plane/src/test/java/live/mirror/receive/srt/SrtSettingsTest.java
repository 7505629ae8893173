package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsException;
import live.mirror.settings.SettingsReader;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

class SrtSettingsTest {

    @Test
    void theDefaultsAreThese() {
        assertThat(read(Map.of()))
                .isEqualTo(
                        new SrtSettings(
                                new HostPort("0.0.0.0", 30_000),
                                Optional.empty(),
                                List.of(),
                                1,
                                true,
                                "",
                                Duration.ofMillis(2),
                                new SrtSettings.Media(
                                        Duration.ofMillis(120),
                                        Duration.ofSeconds(8),
                                        false,
                                        25_600,
                                        12 << 20,
                                        32 << 20,
                                        1_316,
                                        0,
                                        120,
                                        Duration.ofSeconds(5),
                                        0,
                                        ""),
                                new SrtSettings.Encryption("", 0, "", 1, true),
                                new SrtSettings.Guards(5, 10, Duration.ofSeconds(10), 1_024)));
    }

    @Test
    void furtherPortsMayStandForStreams() {
        assertThat(read(Map.of("srt.more-ports", "30001, 30002=studio/a")).morePorts())
                .containsExactly(
                        new SrtSettings.BoundPort(30_001, Optional.empty()),
                        new SrtSettings.BoundPort(30_002, StreamId.parse("studio/a")));
    }

    @ParameterizedTest
    @CsvSource({
        "srt.passphrase, too short",
        "srt.key-bytes, 20",
        "srt.latency, 10ms",
        "srt.max-latency, 50ms",
        "srt.more-ports, 70000",
        "srt.more-ports, 30001=no spaces",
        "srt.stream, no spaces",
        "srt.timing, soon",
    })
    void whatIsOutOfBoundsStopsTheStartByName(String key, String value) {
        assertThat(assertThrows(SettingsException.class, () -> read(Map.of(key, value))))
                .hasMessageContaining(key);
    }

    @Test
    void secretsAreNotPrinted() {
        assertThat(
                        read(Map.of(
                                        "srt.passphrase",
                                        "correct horse",
                                        "srt.passphrase-master",
                                        "a secret of the cluster"))
                                .toString())
                .doesNotContain("correct horse", "a secret of the cluster");
    }

    private static SrtSettings read(Map<String, String> values) {
        SettingsReader reader = new SettingsReader(values);
        SrtSettings settings = SrtSettings.read(reader);
        reader.finish(List.of("srt"));
        return settings;
    }
}
