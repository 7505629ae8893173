package live.mirror.worker;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.settings.SettingsReader;

import org.junit.jupiter.api.Test;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The sample that is shipped shows every setting with its default, and nothing else. */
class ShippedConfigurationTest {

    private static final Path SAMPLE = Path.of("../deploy/config/worker.yaml");

    @Test
    void theSampleHasTheDefaults() {
        assertThat(WorkerSettings.read(Configuration.open(Optional.of(SAMPLE))))
                .isEqualTo(WorkerSettings.read(new SettingsReader(Map.of())));
    }

    @Test
    void theSampleNamesEverySetting() throws Exception {
        SettingsReader settings = new SettingsReader(Map.of());
        WorkerSettings.read(settings);
        List<String> lines = Files.readAllLines(SAMPLE);
        assertThat(settings.describe())
                .allSatisfy(line -> {
                    String key = line.substring(0, line.indexOf(' '));
                    String name = key.substring(key.lastIndexOf('.') + 1);
                    assertThat(lines)
                            .as(key)
                            .anyMatch(shown -> shown.strip().startsWith(name + ":"));
                });
    }
}
