package live.mirror.rtp;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What we need of a session description (SDP, RFC 8866): where media comes to, by which payload
 * types, from whom. Everything else in it is passed over.
 *
 * @param media one for each {@code m=} line whose transport is RTP, in order
 * @param duplicateGroups the {@code mid}s of media that carry the same packets (RFC 7104)
 */
public record SessionDescription(List<Media> media, List<List<String>> duplicateGroups) {

    /** The longest text that is looked at, in characters. */
    public static final int MAX_LENGTH = 65_536;

    /**
     * One medium.
     *
     * @param kind {@code video}, {@code audio}
     * @param port where it comes to
     * @param address the address of the {@code c=} line, without TTL; empty when there is none
     * @param formats payload types and their meaning; types without {@code rtpmap} are left out
     * @param payloadTypes all payload types of the {@code m=} line
     * @param sources allowed senders of a {@code source-filter: incl} (RFC 4570)
     * @param ssrc the first {@code ssrc} told (RFC 5576)
     * @param mid its name in groups (RFC 5888)
     */
    public record Media(
            String kind,
            int port,
            String address,
            Map<Integer, MediaFormat> formats,
            List<Integer> payloadTypes,
            List<String> sources,
            OptionalInt ssrc,
            Optional<String> mid) {}

    /** The meaning of every payload type that any medium tells. */
    public Map<Integer, MediaFormat> formats() {
        Map<Integer, MediaFormat> formats = new TreeMap<>();
        media.forEach(medium -> formats.putAll(medium.formats()));
        return formats;
    }

    /**
     * Reads a description.
     *
     * @throws IllegalArgumentException with the line's number when a line that matters is malformed
     */
    public static SessionDescription parse(String text) {
        if (text.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "a session description has at most " + MAX_LENGTH + " characters");
        }
        Parser parser = new Parser();
        int number = 0;
        for (String line : text.lines().toList()) {
            number++;
            try {
                parser.line(line.strip());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        "line " + number + " of the session description: " + e.getMessage(), e);
            }
        }
        try {
            return parser.finish();
        } catch (IllegalArgumentException e) {
            // Seen only when a medium's lines are put together.
            throw new IllegalArgumentException("the session description: " + e.getMessage(), e);
        }
    }

    /** Collects lines; session-level lines come before the first {@code m=}. */
    private static final class Parser {
        private final List<Media> media = new ArrayList<>();
        private final List<List<String>> groups = new ArrayList<>();
        private String sessionAddress = "";
        private List<String> sessionSources = List.of();
        private @Nullable Draft draft;

        private void line(String line) {
            if (line.isEmpty()) {
                return;
            }
            if (line.length() < 2 || line.charAt(1) != '=') {
                throw new IllegalArgumentException("a line is a letter, `=` and a value");
            }
            String value = line.substring(2);
            switch (line.charAt(0)) {
                case 'm' -> {
                    close();
                    draft = Draft.begin(value, sessionAddress, sessionSources);
                }
                case 'c' -> address(value);
                case 'a' -> attribute(value);
                default -> {
                    // Names, times, bandwidths: not for us.
                }
            }
        }

        private void address(String value) {
            String[] parts = value.split(" +", -1);
            if (parts.length != 3) {
                throw new IllegalArgumentException("`c=` has three parts");
            }
            String address = parts[2].split("/", 2)[0];
            if (draft == null) {
                sessionAddress = address;
            } else {
                draft.address = address;
            }
        }

        private void attribute(String value) {
            int colon = value.indexOf(':');
            if (colon < 0) {
                return;
            }
            String name = value.substring(0, colon).toLowerCase(Locale.ROOT);
            String rest = value.substring(colon + 1).strip();
            if (name.equals("group") && rest.startsWith("DUP ")) {
                groups.add(List.of(rest.substring(4).strip().split(" +", -1)));
            } else if (name.equals("source-filter")) {
                List<String> sources = includedSources(rest);
                if (draft == null) {
                    sessionSources = sources;
                } else {
                    draft.sources = sources;
                }
            } else if (draft != null) {
                draft.attribute(name, rest);
            }
        }

        private static List<String> includedSources(String rest) {
            String[] parts = rest.split(" +", -1);
            if (parts.length < 5 || !parts[0].equals("incl")) {
                throw new IllegalArgumentException(
                        "only `source-filter: incl IN IP4|IP6 destination source...` is known");
            }
            return List.of(parts).subList(4, parts.length);
        }

        private void close() {
            if (draft != null) {
                draft.finish().ifPresent(media::add);
                draft = null;
            }
        }

        private SessionDescription finish() {
            close();
            return new SessionDescription(List.copyOf(media), List.copyOf(groups));
        }
    }

    /** A medium while its lines are read. */
    private static final class Draft {
        private final String kind;
        private final int port;
        private final boolean overRtp;
        private final List<Integer> payloadTypes = new ArrayList<>();
        private final Map<Integer, String[]> maps = new LinkedHashMap<>();
        private final Map<Integer, Map<String, String>> parameters = new HashMap<>();
        private String address;
        private List<String> sources;
        private OptionalInt ssrc = OptionalInt.empty();
        private Optional<String> mid = Optional.empty();

        private Draft(
                String kind, int port, boolean overRtp, String address, List<String> sources) {
            this.kind = kind;
            this.port = port;
            this.overRtp = overRtp;
            this.address = address;
            this.sources = sources;
        }

        private static Draft begin(String value, String address, List<String> sources) {
            String[] parts = value.split(" +", -1);
            if (parts.length < 4) {
                throw new IllegalArgumentException("`m=` has at least four parts");
            }
            int port = number(parts[1].split("/", 2)[0], 0, 65_535, "a port");
            boolean overRtp = parts[2].startsWith("RTP/");
            Draft draft = new Draft(parts[0], port, overRtp, address, sources);
            for (int i = 3; overRtp && i < parts.length; i++) {
                draft.payloadTypes.add(payloadType(parts[i]));
            }
            return draft;
        }

        private void attribute(String name, String value) {
            if (!overRtp) {
                return;
            }
            switch (name) {
                case "rtpmap" -> {
                    String[] parts = value.split(" +", 2);
                    String[] encoding = parts.length == 2 ? parts[1].strip().split("/", -1) : parts;
                    if (parts.length != 2 || encoding.length < 2) {
                        throw new IllegalArgumentException(
                                "`rtpmap` is a payload type and a name/clock rate");
                    }
                    maps.put(payloadType(parts[0]), encoding);
                }
                case "fmtp" -> {
                    String[] parts = value.split(" +", 2);
                    parameters.put(
                            payloadType(parts[0]), parameters(parts.length == 2 ? parts[1] : ""));
                }
                case "ssrc" -> {
                    if (ssrc.isEmpty()) {
                        ssrc = OptionalInt.of(ssrc(value.split(" +", 2)[0]));
                    }
                }
                case "mid" -> mid = Optional.of(value);
                default -> {
                    // Directions, packet times and feedback: not for us.
                }
            }
        }

        private Optional<Media> finish() {
            if (!overRtp) {
                return Optional.empty();
            }
            Map<Integer, MediaFormat> formats = new TreeMap<>();
            maps.forEach((type, encoding) ->
                    formats.put(
                            type,
                            new MediaFormat(
                                    encoding[0],
                                    number(encoding[1], 1, 1_000_000_000, "a clock rate"),
                                    encoding.length > 2
                                            ? number(encoding[2], 1, 255, "channels")
                                            : 1,
                                    parameters.getOrDefault(type, Map.of()))));
            return Optional.of(
                    new Media(
                            kind,
                            port,
                            address,
                            Map.copyOf(formats),
                            List.copyOf(payloadTypes),
                            sources,
                            ssrc,
                            mid));
        }

        private static Map<String, String> parameters(String text) {
            Map<String, String> parameters = new LinkedHashMap<>();
            for (String part : text.split(";", -1)) {
                String[] pair = part.strip().split("=", 2);
                if (!pair[0].isEmpty()) {
                    parameters.put(
                            pair[0].toLowerCase(Locale.ROOT),
                            pair.length == 2 ? pair[1].strip() : "");
                }
            }
            return parameters;
        }

        private static int payloadType(String text) {
            return number(text, 0, PayloadTypes.COUNT - 1, "a payload type");
        }

        private static int ssrc(String text) {
            try {
                return Integer.parseUnsignedInt(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("`" + text + "` is not an SSRC", e);
            }
        }

        private static int number(String text, int min, int max, String what) {
            try {
                int number = Integer.parseInt(text);
                if (number >= min && number <= max) {
                    return number;
                }
            } catch (NumberFormatException e) {
                // Told below, together with what is allowed.
            }
            throw new IllegalArgumentException(
                    "`" + text + "` is not " + what + " from " + min + " to " + max);
        }
    }
}
