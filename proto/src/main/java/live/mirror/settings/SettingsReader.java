package live.mirror.settings;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads settings out of flat key-value pairs. Problems are collected, so that one start names all
 * of them; {@link #finish} throws them. What was read can be listed with defaults and bounds, for
 * {@code --help}. Used on one thread.
 */
public final class SettingsReader {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,11})\\s*(us|ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("(\\d{1,10})\\s*(|B|KiB|MiB|GiB)");
    private static final Pattern ADDRESS =
            Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[^:\\[\\]\\s]+):(\\d{1,5})");

    private static final System.Logger LOG = System.getLogger(SettingsReader.class.getName());

    private final Map<String, String> values;
    private final Map<String, String> environment;
    private final Map<String, String> properties;
    private final TreeMap<String, String> known = new TreeMap<>();
    private final List<String> problems = new ArrayList<>();

    /** Reads from these pairs, the keys in dotted form: {@code srt.latency}. */
    public SettingsReader(Map<String, String> values) {
        this(values, Map.of(), Map.of());
    }

    /**
     * Reads from a file's pairs, which the environment overrides and the system properties override
     * both. In the environment {@code srt.max-latency} is {@code MIRROR_SRT_MAX_LATENCY}.
     */
    public SettingsReader(
            Map<String, String> values,
            Map<String, String> environment,
            Map<String, String> properties) {
        this.values = values;
        this.environment = environment;
        this.properties = properties;
    }

    /** A text that has to obey a rule; the rule in words goes into the error message. */
    public String text(String key, String fallback, Predicate<String> rule, String ruleInWords) {
        return read(key, fallback, fallback, ruleInWords, text -> Optional.of(text).filter(rule));
    }

    /** Any text. */
    public String text(String key, String fallback) {
        return text(key, fallback, _ -> true, "any text");
    }

    /** One of a few words. */
    public <E extends Enum<E>> E choice(String key, E fallback) {
        List<E> choices = Arrays.asList(fallback.getDeclaringClass().getEnumConstants());
        return read(
                key,
                word(fallback),
                fallback,
                "one of " + choices.stream().map(SettingsReader::word).toList(),
                text -> choices.stream().filter(choice -> word(choice).equals(text)).findFirst());
    }

    /** A whole number between two bounds, both allowed. */
    public long number(String key, long fallback, long min, long max) {
        return read(
                key,
                Long.toString(fallback),
                fallback,
                "a whole number from " + min + " to " + max,
                text -> whole(text).filter(number -> number >= min && number <= max));
    }

    /** The same for what fits an {@code int}. */
    public int integer(String key, int fallback, int min, int max) {
        return Math.toIntExact(number(key, fallback, min, max));
    }

    /** A decimal number between two bounds, both allowed. */
    public double decimal(String key, double fallback, double min, double max) {
        return read(
                key,
                Double.toString(fallback),
                fallback,
                "a number from " + min + " to " + max,
                text -> decimal(text).filter(number -> number >= min && number <= max));
    }

    /** True or false. */
    public boolean flag(String key, boolean fallback) {
        return read(
                key,
                Boolean.toString(fallback),
                fallback,
                "true or false",
                text ->
                        text.equals("true") || text.equals("false")
                                ? Optional.of(text.equals("true"))
                                : Optional.empty());
    }

    /** A time span such as {@code 120ms}, {@code 30s}, {@code 5m}, or in ISO 8601 form. */
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        return read(
                key,
                format(fallback),
                fallback,
                "a time span from "
                        + format(min)
                        + " to "
                        + format(max)
                        + ", such as 120ms, 30s or 5m",
                text ->
                        span(text)
                                .filter(span ->
                                        span.compareTo(min) >= 0 && span.compareTo(max) <= 0));
    }

    /** A size in bytes such as {@code 65536}, {@code 512KiB}, {@code 4MiB}. */
    public long bytes(String key, long fallback, long min, long max) {
        return read(
                key,
                Long.toString(fallback),
                fallback,
                "a size from " + min + " to " + max + " bytes, such as 65536, 512KiB or 4MiB",
                text -> size(text).filter(size -> size >= min && size <= max));
    }

    /**
     * A host and a port such as {@code 127.0.0.1:8081} or {@code [::1]:8081}; port 0 lets the
     * system choose.
     */
    public HostPort address(String key, String fallback) {
        return read(
                key,
                fallback,
                address(fallback).orElseThrow(),
                "host:port, such as 127.0.0.1:8081 or [::1]:8081",
                SettingsReader::address);
    }

    /** One or more of them, parted by commas. */
    public List<HostPort> addresses(String key, String fallback) {
        return read(
                key,
                fallback,
                addresses(fallback).orElseThrow(),
                "host:port, or several parted by commas",
                SettingsReader::addresses);
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
            // Every parent of a setting stands in the map too, where the configuration is a tree.
            boolean isParent =
                    known.keySet().stream().anyMatch(other -> other.startsWith(key + "."));
            if (!isParent
                    && !known.containsKey(key)
                    && roots.stream().anyMatch(root -> key.startsWith(root + "."))) {
                problems.add(key + ": there is no such setting" + suggestion(key, known.keySet()));
            }
        }
        if (!problems.isEmpty()) {
            throw new SettingsException(problems);
        }
        unknownInEnvironment(roots).forEach(line -> LOG.log(System.Logger.Level.WARNING, line));
    }

    /**
     * Names in the environment that look like settings of these roots and are none, each with what
     * was probably meant. They do not stop the start: Kubernetes puts a MIRROR_WORKER_SERVICE_HOST
     * into every container beside a service of the name mirror-worker.
     */
    List<String> unknownInEnvironment(List<String> roots) {
        TreeMap<String, String> names = new TreeMap<>();
        known.keySet().forEach(key -> names.put(environmentName(key), key));
        return environment.keySet().stream()
                .filter(name -> !names.containsKey(name))
                .filter(name ->
                        roots.stream()
                                .anyMatch(root -> name.startsWith(environmentName(root) + "_")))
                .sorted()
                .map(name -> name + ": there is no such setting" + suggestion(name, names.keySet()))
                .toList();
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

    /** Every setting read so far, one a line: key, default, what is allowed. */
    public List<String> describe() {
        return known.entrySet().stream()
                .map(entry ->
                        String.format(Locale.ROOT, "%-36s %s", entry.getKey(), entry.getValue()))
                .toList();
    }

    private <T> T read(
            String key,
            String fallbackText,
            T fallback,
            String allowed,
            Function<String, Optional<T>> parser) {
        known.put(key, (fallbackText.isEmpty() ? "(empty)" : fallbackText) + "; " + allowed);
        String value =
                Optional.ofNullable(properties.get(key))
                        .or(() -> Optional.ofNullable(environment.get(environmentName(key))))
                        .or(() -> Optional.ofNullable(values.get(key)))
                        .orElse(fallbackText)
                        .strip();
        Optional<T> parsed = parser.apply(value);
        if (parsed.isEmpty()) {
            problem(key, value, allowed);
        }
        return parsed.orElse(fallback);
    }

    private String suggestion(String wrong, Collection<String> names) {
        return names.stream()
                .min(Comparator.comparingInt(name -> distance(wrong, name)))
                .map(name -> "; did you mean `" + name + "`?")
                .orElse("");
    }

    /** Levenshtein's: how many letters have to be put in, taken out or changed. */
    private static int distance(String one, String other) {
        int[] row = IntStream.rangeClosed(0, other.length()).toArray();
        for (int i = 1; i <= one.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int k = 1; k <= other.length(); k++) {
                int changed = diagonal + (one.charAt(i - 1) == other.charAt(k - 1) ? 0 : 1);
                diagonal = row[k];
                row[k] = Math.min(changed, Math.min(row[k], row[k - 1]) + 1);
            }
        }
        return row[other.length()];
    }

    /** The environment variable of a setting. */
    static String environmentName(String key) {
        return "MIRROR_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }

    private static String word(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Optional<Long> whole(String text) {
        try {
            return Optional.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Double> decimal(String text) {
        try {
            return Optional.of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<Long> size(String text) {
        Matcher matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        int shift =
                switch (matcher.group(2)) {
                    case "KiB" -> 10;
                    case "MiB" -> 20;
                    case "GiB" -> 30;
                    default -> 0;
                };
        return Optional.of(Long.parseLong(matcher.group(1)) << shift);
    }

    private static Optional<HostPort> address(String text) {
        Matcher matcher = ADDRESS.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(2)) > 65_535) {
            return Optional.empty();
        }
        return Optional.of(new HostPort(matcher.group(1), Integer.parseInt(matcher.group(2))));
    }

    private static Optional<List<HostPort>> addresses(String text) {
        List<Optional<HostPort>> parts =
                Arrays.stream(text.split(",", -1)).map(part -> address(part.strip())).toList();
        return parts.stream().allMatch(Optional::isPresent)
                ? Optional.of(parts.stream().flatMap(Optional::stream).toList())
                : Optional.empty();
    }

    private static Optional<Duration> span(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            try {
                return Optional.of(Duration.parse(text));
            } catch (DateTimeParseException e) {
                return Optional.empty();
            }
        }
        long number = Long.parseLong(matcher.group(1));
        return Optional.of(
                switch (matcher.group(2)) {
                    case "us" -> Duration.ofNanos(number * 1_000);
                    case "ms" -> Duration.ofMillis(number);
                    case "s" -> Duration.ofSeconds(number);
                    case "m" -> Duration.ofMinutes(number);
                    case "h" -> Duration.ofHours(number);
                    default -> Duration.ofDays(number);
                });
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
