package live.mirror.control.admission;

import com.google.protobuf.ByteString;

import live.mirror.v1.IngestToken;
import live.mirror.v1.TokenKey;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Signs ingest tokens with the key pair of the cluster. A worker verifies them with the public key
 * alone. Any thread.
 */
public final class IngestTokens {

    /**
     * The first characters of every token; what else stands in a stream id's key {@code s} is a
     * publish key.
     */
    public static final String PREFIX = "mt1.";

    private static final String ALGORITHM = "Ed25519";

    private final String keyId;
    private final PrivateKey privateKey;
    private final ByteString publicKey;
    private final Duration lifetime;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    /**
     * A token and what it says.
     *
     * @param text goes into the stream id's key {@code s}
     * @param content what is signed
     */
    public record Token(String text, IngestToken content) {}

    /**
     * Uses a key pair in the form of {@link #generate}.
     *
     * @param keyId its name
     */
    public IngestTokens(String keyId, String pair, Duration lifetime, InstantSource clock) {
        String[] halves = pair.split(" ", 2);
        this.keyId = keyId;
        this.lifetime = lifetime;
        this.clock = clock;
        this.publicKey = ByteString.copyFrom(Base64.getDecoder().decode(halves[0]));
        try {
            this.privateKey =
                    KeyFactory.getInstance(ALGORITHM)
                            .generatePrivate(
                                    new PKCS8EncodedKeySpec(Base64.getDecoder().decode(halves[1])));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("the token key " + keyId + " can't be used", e);
        }
    }

    /** A new key pair: public (X.509) and private (PKCS 8) half in base64, parted by a blank. */
    public static String generate() {
        try {
            var pair = KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
            Base64.Encoder base64 = Base64.getEncoder();
            return base64.encodeToString(pair.getPublic().getEncoded())
                    + " "
                    + base64.encodeToString(pair.getPrivate().getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /**
     * A key pair out of a file with both halves in PEM, as {@code openssl genpkey -algorithm
     * ed25519} and {@code openssl pkey -pubout} write them, in the form of {@link #generate}.
     *
     * @throws IllegalArgumentException when the file has no such pair; the message names it
     */
    public static String read(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.US_ASCII);
            Optional<String> publicHalf = pem(text, "PUBLIC");
            Optional<String> privateHalf = pem(text, "PRIVATE");
            if (publicHalf.isEmpty() || privateHalf.isEmpty()) {
                throw new IllegalArgumentException(file + " has no PRIVATE and PUBLIC KEY in PEM");
            }
            return publicHalf.get() + " " + privateHalf.get();
        } catch (IOException e) {
            throw new IllegalArgumentException("the token key can't be read: " + e, e);
        }
    }

    private static Optional<String> pem(String text, String half) {
        return Pattern.compile("-----BEGIN " + half + " KEY-----([A-Za-z0-9+/=\\s]+)-----END")
                .matcher(text)
                .results()
                .findFirst()
                .map(found -> found.group(1).replaceAll("\\s", ""));
    }

    /** A name for a key pair that is the same at every replica. */
    public static String idOf(String pair) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256")
                            .digest(pair.split(" ", 2)[0].getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** What workers verify with. */
    public TokenKey publicKey() {
        return TokenKey.newBuilder().setId(keyId).setPublicKey(publicKey).build();
    }

    /** An id for a new token: 12 random bytes. */
    public byte[] newId() {
        byte[] id = new byte[12];
        random.nextBytes(id);
        return id;
    }

    /** The same as it stands in the registry. */
    public static String text(byte[] id) {
        return HexFormat.of().formatHex(id);
    }

    /** Signs a token for one publisher of a stream at a worker. */
    public Token sign(byte[] id, String stream, String worker) {
        IngestToken content =
                IngestToken.newBuilder()
                        .setTokenId(ByteString.copyFrom(id))
                        .setStreamId(stream)
                        .setWorker(worker)
                        .setExpiresUnixS(clock.instant().plus(lifetime).getEpochSecond())
                        .setKeyId(keyId)
                        .build();
        byte[] bytes = content.toByteArray();
        try {
            Signature signature = Signature.getInstance(ALGORITHM);
            signature.initSign(privateKey);
            signature.update(bytes);
            Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
            return new Token(
                    PREFIX
                            + base64.encodeToString(bytes)
                            + "."
                            + base64.encodeToString(signature.sign()),
                    content);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a token can't be signed", e);
        }
    }
}
