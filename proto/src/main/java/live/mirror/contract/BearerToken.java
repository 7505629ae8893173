package live.mirror.contract;

import io.grpc.Metadata;

import java.util.Optional;

/** A token as RFC 6750 shows it: {@code authorization: Bearer TOKEN}. */
public final class BearerToken {

    /** What is said to who shows none, or a wrong one. */
    public static final String WANTED =
            "no or a wrong token: authorization: Bearer TOKEN is wanted";

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SCHEME = "Bearer ";

    private BearerToken() {}

    /** Shows a token with a call. */
    public static void put(Metadata headers, String token) {
        headers.put(AUTHORIZATION, SCHEME + token);
    }

    /** The token that a call shows; empty when it shows none. */
    public static Optional<String> shown(Metadata headers) {
        return Optional.ofNullable(headers.get(AUTHORIZATION)).flatMap(BearerToken::shown);
    }

    /**
     * The token in an authorization header's value; the scheme's case says nothing (RFC 9110,
     * 11.1).
     */
    public static Optional<String> shown(String authorization) {
        return authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
                ? Optional.of(authorization.substring(SCHEME.length()).strip())
                : Optional.empty();
    }
}
