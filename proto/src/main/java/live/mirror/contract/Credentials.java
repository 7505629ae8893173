package live.mirror.contract;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Names a credential without being it, for claims, records and comparisons. */
public final class Credentials {

    private static final int BYTES = 16;

    private Credentials() {}

    /** The first half of the key's SHA-256 in hexadecimal digits; empty for no key. */
    public static String id(String key) {
        if (key.isEmpty()) {
            return "";
        }
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(key.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
