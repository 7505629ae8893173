package live.mirror.contract;

import java.net.InetAddress;

/** IP addresses as digits, so that nobody who names one makes us ask a name server. */
public final class IpAddress {

    /** What one looks like: IPv4 with four numbers, or IPv6. */
    public static final String PATTERN =
            "[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*";

    private IpAddress() {}

    /** Whether a text looks like an address. */
    public static boolean looksLike(String text) {
        return text.matches(PATTERN);
    }

    /**
     * The address.
     *
     * @throws IllegalArgumentException when the text is none; the message names it
     */
    public static InetAddress parse(String text) {
        if (!looksLike(text)) {
            throw new IllegalArgumentException("`" + text + "` is no IP address");
        }
        return InetAddress.ofLiteral(text);
    }
}
