package live.mirror.receive.srt;

import java.util.Set;

/**
 * The fields of one stream id while it is taken apart; empty where there is none. For one thread.
 */
final class StreamIdFields {

    private static final String STANDARD = "#!:";
    private static final Set<String> CREDENTIAL_KEYS =
            Set.of("token", "secret", "password", "passwd", "pass", "key", "p", "user_token", "s");

    String resource = "";
    String mode = "";
    String type = "";
    String user = "";
    String credential = "";
    PublishRequest.Dialect dialect = PublishRequest.Dialect.PLAIN;

    private String host = "";

    /** Takes a decoded stream id apart; answers what is wrong with it, or an empty text. */
    String read(String text) {
        String problem =
                text.startsWith(STANDARD) ? readStandard(text) : readShort(withoutFragment(text));
        if (problem.isEmpty()) {
            readQuery();
            resource = resource.startsWith("/") ? resource.substring(1) : resource;
        }
        return problem;
    }

    private String readStandard(String text) {
        dialect = PublishRequest.Dialect.STANDARD;
        String content = withoutFragment(text.substring(STANDARD.length()));
        if (content.startsWith(":")) {
            content = content.substring(1);
        } else if (content.startsWith("{") && content.endsWith("}")) {
            content = content.substring(1, content.length() - 1);
        } else {
            return "`#!:` has to be followed by `:` or `{…}`";
        }
        for (String pair : content.split(",", -1)) {
            String problem = readPair(pair, '=');
            if (!problem.isEmpty()) {
                return problem;
            }
        }
        if (resource.isEmpty()) {
            resource = host;
        }
        return resource.isEmpty() ? "the standard form needs a resource: r=…" : "";
    }

    private String readShort(String text) {
        int comma = text.indexOf(',');
        String first = comma < 0 ? text : text.substring(0, comma);
        readModeFirst(first);
        if (comma < 0) {
            return "";
        }
        dialect = PublishRequest.Dialect.ID_FIRST;
        for (String pair : text.substring(comma + 1).split(",", -1)) {
            String problem = readPair(pair, pair.indexOf(':') >= 0 ? ':' : '=');
            if (!problem.isEmpty()) {
                return problem;
            }
        }
        return "";
    }

    /**
     * {@code publish/id}, {@code publish:id}, {@code publish:id:user:password}, or the id alone.
     */
    private void readModeFirst(String text) {
        int end = text.indexOf(':') >= 0 ? text.indexOf(':') : text.indexOf('/');
        String word = end < 0 ? "" : text.substring(0, end);
        switch (word) {
            case "publish", "request", "read", "play" -> {
                dialect = PublishRequest.Dialect.MODE_FIRST;
                mode = word;
                String rest = text.substring(end + 1);
                if (text.charAt(end) == ':') {
                    String[] parts = rest.split(":", 3);
                    resource = parts[0];
                    user = parts.length > 1 ? parts[1] : "";
                    credential = parts.length > 2 ? parts[2] : "";
                } else {
                    resource = rest;
                }
            }
            default -> resource = text;
        }
    }

    private String readPair(String pair, char separator) {
        int at = pair.indexOf(separator);
        if (at <= 0) {
            return pair.isBlank() ? "" : "a part without a key and a value";
        }
        String key = pair.substring(0, at).strip();
        String value = pair.substring(at + 1).strip();
        switch (key) {
            case "r" -> {
                if (!resource.isEmpty()) {
                    return "two resources";
                }
                resource = value;
            }
            case "m", "mode" -> mode = value;
            case "t" -> type = value;
            case "u" -> user = value;
            case "h" -> host = value;
            default -> {
                // Vendors' own keys (bmd_uuid, …) are welcome and mean nothing here.
                if (CREDENTIAL_KEYS.contains(key)) {
                    credential = value;
                }
            }
        }
        return "";
    }

    /** {@code live/cam1?token=x&user=joe}. */
    private void readQuery() {
        int mark = resource.indexOf('?');
        if (mark < 0) {
            return;
        }
        for (String pair : resource.substring(mark + 1).split("&", -1)) {
            int at = pair.indexOf('=');
            String key = at < 0 ? pair : pair.substring(0, at);
            String value = at < 0 ? "" : pair.substring(at + 1);
            if (CREDENTIAL_KEYS.contains(key)) {
                credential = value;
            } else if (key.equals("user")) {
                user = value;
            }
        }
        resource = resource.substring(0, mark);
    }

    /** StreamToStudio, for one, appends {@code #feedbackplay}. */
    private static String withoutFragment(String text) {
        int mark = text.indexOf('#');
        return mark < 0 ? text : text.substring(0, mark);
    }
}
