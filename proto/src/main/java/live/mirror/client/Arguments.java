package live.mirror.client;

import io.grpc.ManagedChannelBuilder;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** A command line: {@code --option value}, {@code --option=value}, {@code --flag} and the rest. */
final class Arguments {

    private final Map<String, String> options = new HashMap<>();
    private final List<String> rest = new ArrayList<>();

    Arguments(String[] arguments, Set<String> withValue, Set<String> flags) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            if (!argument.startsWith("--")) {
                rest.add(argument.equals("-h") ? "--help" : argument);
                continue;
            }
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (flags.contains(name) && equals < 0) {
                options.put(name, "");
            } else if (!withValue.contains(name)) {
                throw new UsageException("there is no option " + name + "; see --help");
            } else if (equals >= 0) {
                options.put(name, argument.substring(equals + 1));
            } else if (i + 1 < arguments.length) {
                options.put(name, arguments[++i]);
            } else {
                throw new UsageException(name + " needs a value");
            }
        }
    }

    boolean has(String flag) {
        return options.containsKey(flag) || rest.contains(flag);
    }

    String value(String option, String fallback) {
        return options.getOrDefault(option, fallback);
    }

    /** How connections are made: with TLS when {@code --ca} names the authorities, or in clear. */
    Function<String, ManagedChannelBuilder<?>> channels() {
        String authorities = value("--ca", "");
        if (authorities.isEmpty()) {
            return Channels::plaintext;
        }
        return Channels.trusting(readable("--ca", authorities));
    }

    /**
     * What is shown with every call: the first line of the file that {@code --token-file} names.
     */
    Optional<String> token() {
        String file = value("--token-file", "");
        return file.isEmpty()
                ? Optional.empty()
                : Optional.of(firstLine(readable("--token-file", file)));
    }

    private static String firstLine(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.findFirst().orElse("").strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file that an option names. */
    Path readable(String option, String name) {
        Path file = Path.of(name);
        if (!Files.isReadable(file)) {
            throw new UsageException(option + ": " + name + " can't be read");
        }
        return file;
    }

    @Nullable Integer wholeNumber(String option) {
        String value = options.get(option);
        if (value == null) {
            return null;
        }
        try {
            int number = Integer.parseInt(value);
            if (number > 0) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Told below.
        }
        throw new UsageException(option + " needs a whole number above 0, not " + value);
    }

    /** The one argument that is no option. */
    String only(String what) {
        if (rest.size() != 1) {
            throw new UsageException(
                    rest.isEmpty()
                            ? what + " is missing; see --help"
                            : "too many arguments: " + rest);
        }
        return rest.getFirst();
    }

    void none() {
        if (!rest.isEmpty()) {
            throw new UsageException("too many arguments: " + rest);
        }
    }
}
