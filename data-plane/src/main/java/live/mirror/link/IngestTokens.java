package live.mirror.link;

import com.google.protobuf.ByteString;
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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * Verifies ingest tokens offline: {@code mt1.}, then an {@link IngestToken} and its Ed25519
 * signature in base64url, parted by a dot. Any thread.
 */
final class IngestTokens {

    /** More than that are for the registry alone to remember. */
    private static final int MAX_SPENT = 65_536;

    private static final String ALGORITHM = "Ed25519";

    private final String worker;
    private final InstantSource clock;
    private volatile Map<String, PublicKey> keys = Map.of();

    IngestTokens(String worker, InstantSource clock) {
        this.worker = worker;
        this.clock = clock;
    }

    /** Tokens that were used, until they are over anyway. */
    private final ConcurrentHashMap<ByteString, Long> spent = new ConcurrentHashMap<>();

    private final LongAdder notKept = new LongAdder();

    /** Used tokens that this worker could not remember. */
    long notKept() {
        return notKept.sum();
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
                        && !spent.containsKey(content.getTokenId())
                ? Reason.REASON_UNSPECIFIED
                : Reason.REASON_TOKEN_EXPIRED;
    }

    /**
     * A publisher was let in with this credential; a token among them lets in nobody else. It is
     * for this worker alone, so that nobody has to be asked; the registry, which knows it too,
     * remembers it beyond this process.
     */
    void spend(String credential) {
        signed(credential)
                .ifPresent(content -> {
                    if (spent.size() >= MAX_SPENT) {
                        long now = clock.instant().getEpochSecond();
                        spent.values().removeIf(expires -> expires <= now);
                    }
                    if (spent.size() < MAX_SPENT) {
                        spent.put(content.getTokenId(), content.getExpiresUnixS());
                    } else {
                        notKept.increment();
                    }
                });
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
