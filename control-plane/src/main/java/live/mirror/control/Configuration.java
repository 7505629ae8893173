package live.mirror.control;

import io.helidon.config.Config;
import io.helidon.config.ConfigSources;

import live.mirror.settings.SettingsReader;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the settings: the file, overridden by the environment, overridden by system properties. */
final class Configuration {

    private Configuration() {}

    /** Reads from a YAML file, or from no file at all: then everything has its default. */
    static SettingsReader open(Optional<Path> file) {
        Config config =
                Config.builder()
                        .disableEnvironmentVariablesSource()
                        .disableSystemPropertiesSource()
                        .sources(
                                file.map(path -> ConfigSources.file(path).build()).stream()
                                        .collect(Collectors.toList()))
                        .build();
        Map<String, String> properties =
                System.getProperties().stringPropertyNames().stream()
                        .collect(Collectors.toMap(name -> name, System::getProperty));
        return new SettingsReader(config.asMap().orElse(Map.of()), System.getenv(), properties);
    }
}
