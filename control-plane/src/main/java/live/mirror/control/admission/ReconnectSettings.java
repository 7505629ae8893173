package live.mirror.control.admission;

import live.mirror.settings.SettingsReader;

import java.time.Duration;

/**
 * How long a stream waits for its publisher: {@code delay × maxAttempts}. The publisher reconnects,
 * we wait, so an attempt is a share of the window and not something that we do; each return begins
 * the count anew. A definition may have its own delay and attempts.
 *
 * @param delay time for one attempt
 * @param maxAttempts attempts; 0 stops a stream at once when its publisher is lost
 * @param silence after which a session gives way to another publisher of its stream
 * @param maxEvictions how often a stream may change hands within a minute; then the incumbent stays
 */
public record ReconnectSettings(
        Duration delay, int maxAttempts, Duration silence, int maxEvictions) {

    /** Reads {@code reconnect.*}. */
    public static ReconnectSettings read(SettingsReader settings) {
        return new ReconnectSettings(
                settings.duration(
                        "reconnect.delay",
                        Duration.ofSeconds(5),
                        Duration.ofMillis(1),
                        Duration.ofHours(1)),
                settings.integer("reconnect.max-attempts", 6, 0, 1_000),
                settings.duration(
                        "reconnect.silence",
                        Duration.ofSeconds(1),
                        Duration.ofMillis(200),
                        Duration.ofMinutes(1)),
                settings.integer("reconnect.max-evictions", 5, 0, 100));
    }

    /** The whole window. */
    public Duration window() {
        return delay.multipliedBy(maxAttempts);
    }
}
