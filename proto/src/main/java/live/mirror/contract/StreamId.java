package live.mirror.contract;

import java.util.Optional;

/**
 * Names a stream: {@code [A-Za-z0-9][A-Za-z0-9._~/-]{0,127}}. Whatever else a publisher sends is
 * refused before it reaches a key, a label or a log line, so a {@code StreamId} is safe in all of
 * them.
 *
 * @param value the id
 */
public record StreamId(String value) implements Comparable<StreamId> {

    /** The longest id, in characters. */
    public static final int MAX_LENGTH = 128;

    /** The rule in words, for error messages. */
    public static final String RULE =
            "a stream id has 1 to 128 characters out of A-Z a-z 0-9 . _ ~ / - and begins with a"
                    + " letter or a digit";

    /** Refuses whatever breaks the rule. */
    public StreamId {
        if (!isValid(value)) {
            throw new IllegalArgumentException(RULE);
        }
    }

    /** Whether a text obeys the rule. Allocates nothing, so that a libsrt callback may ask. */
    public static boolean isValid(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH || !isLetterOrDigit(text.charAt(0))) {
            return false;
        }
        for (int i = 1; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!isLetterOrDigit(c) && c != '.' && c != '_' && c != '~' && c != '/' && c != '-') {
                return false;
            }
        }
        return true;
    }

    /** The id that a text is, or empty when it breaks the rule. */
    public static Optional<StreamId> parse(String text) {
        return isValid(text) ? Optional.of(new StreamId(text)) : Optional.empty();
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    @Override
    public int compareTo(StreamId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
