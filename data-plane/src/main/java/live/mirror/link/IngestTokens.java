package live.mirror.link;

import com.google.protobuf.InvalidProtocolBufferException;

import live.mirror.contract.StreamId;
import live.mirror.stream.Admission;
import live.mirror.v1.IngestToken;
import live.mirror.v1.Reason;
import live.mirror.v1.TokenKey;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies ingest tokens offline: {@code mt1.}, then an {@link IngestToken} and its Ed25519
 * signature in base64url, parted by a dot. Whether a token was used before, only the claim knows.
 * Any thread.
 */
final class IngestTokens {

    private static final String ALGORITHM = "Ed25519";

    private final String worker;
    private final InstantSource clock;
    private volatile Map<String, PublicKey> keys = Map.of();

    IngestTokens(String worker, InstantSource clock) {
        this.worker = worker;
        this.clock = clock;
    }

    /** From now on these keys are trusted, and no others; none leaves those that are. */
    void trust(List<TokenKey> latest) {
        if (latest.isEmpty()) {
            return;
        }
        Map<String, PublicKey> trusted = new HashMap<>();
        for (TokenKey key : latest) {
            try {
                trusted.put(
                        key.getId(),
                        KeyFactory.getInstance(ALGORITHM)
                                .generatePublic(
                                        new X509EncodedKeySpec(key.getPublicKey().toByteArray())));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(
                        "the control plane sent a key that is none: " + key.getId(), e);
            }
        }
        keys = Map.copyOf(trusted);
    }

    /**
     * Whether the token allows its bearer to publish the stream here, now; REASON_UNSPECIFIED when
     * it does.
     */
    Reason verify(StreamId id, String token) {
        IngestToken content = signed(token).orElse(null);
        if (content == null) {
            return Reason.REASON_UNAUTHORIZED;
        }
        if (!content.getStreamId().equals(id.value()) || !content.getWorker().equals(worker)) {
            return Reason.REASON_FORBIDDEN;
        }
        return clock.instant().getEpochSecond() < content.getExpiresUnixS()
                ? Reason.REASON_UNSPECIFIED
                : Reason.REASON_TOKEN_EXPIRED;
    }

    /** What a token says, if one of our keys signed it. */
    Optional<IngestToken> signed(String token) {
        int dot = token.lastIndexOf('.');
        if (!token.startsWith(Admission.TOKEN_PREFIX) || dot < Admission.TOKEN_PREFIX.length()) {
            return Optional.empty();
        }
        try {
            byte[] content =
                    Base64.getUrlDecoder()
                            .decode(token.substring(Admission.TOKEN_PREFIX.length(), dot));
            byte[] signature = Base64.getUrlDecoder().decode(token.substring(dot + 1));
            IngestToken parsed = IngestToken.parseFrom(content);
            PublicKey key = keys.get(parsed.getKeyId());
            return key != null && matches(key, content, signature)
                    ? Optional.of(parsed)
                    : Optional.empty();
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            // Not base64, or not a token: the same to its bearer as a wrong signature.
            return Optional.empty();
        }
    }

    private static boolean matches(PublicKey key, byte[] content, byte[] signature) {
        try {
            Signature verifier = Signature.getInstance(ALGORITHM);
            verifier.initVerify(key);
            verifier.update(content);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            // Also thrown for a signature of the wrong length.
            return false;
        }
    }
}
