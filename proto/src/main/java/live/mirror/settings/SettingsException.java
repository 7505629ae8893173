package live.mirror.settings;

import java.util.List;

/** Some settings are wrong; the message has one line for each. */
public final class SettingsException extends RuntimeException {

    /** Collects the problems. */
    public SettingsException(List<String> problems) {
        super(String.join("\n", problems));
    }
}
