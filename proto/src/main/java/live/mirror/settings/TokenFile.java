package live.mirror.settings;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Tokens that stand in a file, one a line. They may be asked for on any thread; {@link #renew} is
 * for a thread that may block, such as {@link FileRenewal}'s.
 */
public final class TokenFile {

    private static final Pattern TOKEN = Pattern.compile("[!-~]{16,1024}");

    private final Path file;

    /** Written by the renewing thread. */
    private volatile List<byte[]> tokens;

    /** The tokens that stand in it now. */
    public TokenFile(Path file) {
        this.file = file;
        tokens = read(file).orElseThrow();
    }

    /** Reads a setting that names such a file; empty, the default, for none. */
    public static Optional<Path> setting(SettingsReader settings, String key) {
        return Optional.of(
                        settings.text(
                                key,
                                "",
                                path -> path.isEmpty() || read(Path.of(path)).isPresent(),
                                "empty or a file with a token of at least 16 characters in each"
                                        + " line"))
                .filter(path -> !path.isEmpty())
                .map(Path::of);
    }

    /** The tokens in a file; empty when there is none, or anything that is none. */
    private static Optional<List<byte[]>> read(Path file) {
        try {
            List<String> lines =
                    Files.readAllLines(file).stream()
                            .map(String::strip)
                            .filter(line -> !line.isEmpty())
                            .toList();
            return lines.isEmpty() || !lines.stream().allMatch(TOKEN.asMatchPredicate())
                    ? Optional.empty()
                    : Optional.of(
                            lines.stream()
                                    .map(line -> line.getBytes(StandardCharsets.US_ASCII))
                                    .toList());
        } catch (IOException e) {
            // What follows from that is for the caller to tell.
            return Optional.empty();
        }
    }

    /** Takes what stands in the file now. */
    public void renew() {
        tokens =
                read(file)
                        .orElseThrow(() ->
                                new IllegalStateException(
                                        file + " holds no tokens, or something else"));
    }

    /** Whether it is one of them. How long that takes says nothing about them but their lengths. */
    public boolean knows(String token) {
        byte[] shown = token.getBytes(StandardCharsets.UTF_8);
        boolean known = false;
        for (byte[] each : tokens) {
            known |= MessageDigest.isEqual(each, shown);
        }
        return known;
    }
}
