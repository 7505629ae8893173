package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Optional;

import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Which passphrase a stream's publisher has to have: the definition's, or one derived from a master
 * secret, or the worker's. Any thread; allocates a little and never blocks.
 *
 * <p>A derived passphrase is base64url(HMAC-SHA256(master secret, stream id, 0, version in
 * decimal)), 43 characters: nothing has to be stored. A new version changes them all at once, or
 * one stream's where its definition names it.
 */
final class Passphrases {

    private static final String ALGORITHM = "HmacSHA256";

    private final byte[] everyones;
    private final @Nullable Mac master;
    private final int version;

    Passphrases(SrtSettings.Encryption encryption) {
        everyones = encryption.passphrase().getBytes(StandardCharsets.UTF_8);
        master = encryption.masterSecret().isEmpty() ? null : mac(encryption.masterSecret());
        version = encryption.masterVersion();
    }

    /** The passphrase for a stream; empty when it is published in the clear. */
    Optional<byte[]> of(StreamId id, @Nullable Definition definition) {
        if (definition != null && !definition.srt().passphrase().isEmpty()) {
            return Optional.of(definition.srt().passphrase().getBytes(StandardCharsets.UTF_8));
        }
        if (master != null) {
            int laidDown = definition == null ? 0 : definition.srt().passphraseVersion();
            return Optional.of(derived(master, id, laidDown > 0 ? laidDown : version));
        }
        return everyones.length == 0 ? Optional.empty() : Optional.of(everyones);
    }

    private static byte[] derived(Mac prototype, StreamId id, int version) {
        try {
            // Several receive threads ask at once; a copy is cheaper than a lock.
            Mac mac = (Mac) prototype.clone();
            mac.update(id.value().getBytes(StandardCharsets.US_ASCII));
            mac.update((byte) 0);
            mac.update(Integer.toString(version).getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encode(mac.doFinal());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the JDK's HMAC can be copied", e);
        }
    }

    private static Mac mac(String secret) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has " + ALGORITHM, e);
        }
    }
}
