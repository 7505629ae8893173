package live.mirror.settings;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads settings out of flat key-value pairs. Problems are collected, so that one start names all
 * of them; {@link #finish} throws them. Used on one thread.
 */
public final class SettingsReader {

    private static final Pattern DURATION = Pattern.compile("(\\d+)\\s*(us|ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(|B|KiB|MiB|GiB)");
    private static final Pattern ADDRESS =
            Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]\\s]+):(\\d{1,5})");

    private final Map<String, String> values;
    private final TreeSet<String> known = new TreeSet<>();
    private final List<String> problems = new ArrayList<>();

    /** Reads from these pairs, the keys in dotted form: {@code srt.latency}. */
    public SettingsReader(Map<String, String> values) {
        this.values = values;
    }

    /** A text that has to obey a rule; the rule in words goes into the error message. */
    public String text(String key, String fallback, Predicate<String> rule, String ruleInWords) {
        String value = raw(key, fallback);
        if (!rule.test(value)) {
            problem(key, value, ruleInWords);
            return fallback;
        }
        return value;
    }

    /** Any text. */
    public String text(String key, String fallback) {
        return raw(key, fallback);
    }

    /** One of a few words. */
    public <E extends Enum<E>> E choice(String key, E fallback) {
        String value = raw(key, word(fallback));
        E[] choices = fallback.getDeclaringClass().getEnumConstants();
        for (E choice : choices) {
            if (word(choice).equals(value)) {
                return choice;
            }
        }
        problem(key, value, "one of " + Arrays.stream(choices).map(SettingsReader::word).toList());
        return fallback;
    }

    /** A whole number between two bounds, both allowed. */
    public long number(String key, long fallback, long min, long max) {
        String value = raw(key, Long.toString(fallback));
        try {
            long number = Long.parseLong(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with what is allowed.
        }
        problem(key, value, "a whole number from " + min + " to " + max);
        return fallback;
    }

    /** The same for what fits an {@code int}. */
    public int integer(String key, int fallback, int min, int max) {
        return Math.toIntExact(number(key, fallback, min, max));
    }

    /** A decimal number between two bounds, both allowed. */
    public double decimal(String key, double fallback, double min, double max) {
        String value = raw(key, Double.toString(fallback));
        try {
            double number = Double.parseDouble(value);
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below, together with what is allowed.
        }
        problem(key, value, "a number from " + min + " to " + max);
        return fallback;
    }

    /** True or false. */
    public boolean flag(String key, boolean fallback) {
        String value = raw(key, Boolean.toString(fallback));
        if (!value.equals("true") && !value.equals("false")) {
            problem(key, value, "true or false");
            return fallback;
        }
        return value.equals("true");
    }

    /** A time span such as {@code 120ms}, {@code 30s}, {@code 5m}, or in ISO 8601 form. */
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        String value = raw(key, format(fallback));
        Duration duration = parseDuration(value);
        if (duration == null || duration.compareTo(min) < 0 || duration.compareTo(max) > 0) {
            problem(
                    key,
                    value,
                    "a time span from "
                            + format(min)
                            + " to "
                            + format(max)
                            + ", such as 120ms, 30s or 5m");
            return fallback;
        }
        return duration;
    }

    /** A size in bytes such as {@code 65536}, {@code 512KiB}, {@code 4MiB}. */
    public long bytes(String key, long fallback, long min, long max) {
        String value = raw(key, Long.toString(fallback));
        Matcher matcher = SIZE.matcher(value);
        if (matcher.matches() && matcher.group(1).length() < 15) {
            long unit =
                    switch (matcher.group(2)) {
                        case "KiB" -> 1L << 10;
                        case "MiB" -> 1L << 20;
                        case "GiB" -> 1L << 30;
                        default -> 1;
                    };
            long bytes = Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
            if (bytes >= min && bytes <= max) {
                return bytes;
            }
        }
        problem(
                key,
                value,
                "a size from " + min + " to " + max + " bytes, such as 65536, 512KiB or 4MiB");
        return fallback;
    }

    /**
     * A host and a port such as {@code 127.0.0.1:8081} or {@code [::1]:8081}; port 0 lets the
     * system choose.
     */
    public HostPort address(String key, String fallback) {
        String value = raw(key, fallback);
        Matcher matcher = ADDRESS.matcher(value);
        if (matcher.matches() && Integer.parseInt(matcher.group(2)) <= 65_535) {
            return new HostPort(matcher.group(1), Integer.parseInt(matcher.group(2)));
        }
        problem(key, value, "host:port, such as 127.0.0.1:8081 or [::1]:8081");
        return address(fallback);
    }

    /**
     * Ends the reading.
     *
     * @param roots the first parts of all keys that are ours: a key below them that nobody read is
     *     a mistake
     * @throws SettingsException when anything was wrong, with one line for each problem
     */
    public void finish(List<String> roots) {
        for (String key : new TreeSet<>(values.keySet())) {
            if (!known.contains(key)
                    && roots.stream()
                            .anyMatch(root -> key.equals(root) || key.startsWith(root + "."))) {
                problems.add(key + ": there is no such setting" + suggestion(key));
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
    }

    /** Adds a problem that only the reader of several settings together can see. */
    public void problem(String key, String value, String allowed) {
        problems.add(
                key
                        + ": "
                        + (value.isEmpty() ? "nothing" : "`" + value + "`")
                        + " found, but it has to be "
                        + allowed);
    }

    private String suggestion(String key) {
        String last = key.substring(key.lastIndexOf('.') + 1);
        return known.stream()
                .filter(other ->
                        other.endsWith("." + last)
                                || other.startsWith(key.substring(0, key.length() - last.length())))
                .findFirst()
                .map(other -> "; did you mean `" + other + "`?")
                .orElse("");
    }

    private String raw(String key, String fallback) {
        known.add(key);
        return values.getOrDefault(key, fallback).strip();
    }

    private static HostPort address(String text) {
        int colon = text.lastIndexOf(':');
        return new HostPort(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)));
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static @Nullable Duration parseDuration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (matcher.matches() && matcher.group(1).length() < 12) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "us" -> Duration.ofNanos(number * 1_000);
                case "ms" -> Duration.ofMillis(number);
                case "s" -> Duration.ofSeconds(number);
                case "m" -> Duration.ofMinutes(number);
                case "h" -> Duration.ofHours(number);
                default -> Duration.ofDays(number);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            return null;
        }
    }

    private static String format(Duration duration) {
        if (duration.toNanos() % 1_000_000 != 0) {
            return duration.toNanos() / 1_000 + "us";
        }
        return duration.toMillis() % 1_000 == 0
                ? duration.toSeconds() + "s"
                : duration.toMillis() + "ms";
    }
}
