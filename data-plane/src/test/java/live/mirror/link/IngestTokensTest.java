package live.mirror.link;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import live.mirror.contract.StreamId;
import live.mirror.v1.IngestToken;
import live.mirror.v1.Reason;
import live.mirror.v1.TokenKey;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

class IngestTokensTest {

    private static final StreamId CAM = new StreamId("cam1");
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final IngestTokens tokens = new IngestTokens("w1", () -> NOW);
    private KeyPair pair;

    @BeforeEach
    void trustAKey() throws Exception {
        pair = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        tokens.trust(
                List.of(
                        TokenKey.newBuilder()
                                .setId("k1")
                                .setPublicKey(ByteString.copyFrom(pair.getPublic().getEncoded()))
                                .build()));
    }

    @Test
    void aTokenOfTheClusterAllowsItsStreamAtItsWorkerInItsTime() throws Exception {
        assertThat(tokens.verify(CAM, token("cam1", "w1", 1, "k1")))
                .isEqualTo(Reason.REASON_UNSPECIFIED);
    }

    @Test
    void anotherStreamOrWorkerIsForbidden() throws Exception {
        assertThat(tokens.verify(CAM, token("cam2", "w1", 1, "k1")))
                .isEqualTo(Reason.REASON_FORBIDDEN);
        assertThat(tokens.verify(CAM, token("cam1", "w2", 1, "k1")))
                .isEqualTo(Reason.REASON_FORBIDDEN);
    }

    @Test
    void aTokenEndsWithItsSecond() throws Exception {
        assertThat(tokens.verify(CAM, token("cam1", "w1", 0, "k1")))
                .isEqualTo(Reason.REASON_TOKEN_EXPIRED);
    }

    @Test
    void aTokenIsGoodOnce() throws Exception {
        tokens.spend("open-sesame");
        tokens.spend(token("cam1", "w1", 1, "k1"));
        assertThat(tokens.verify(CAM, token("cam1", "w1", 1, "k1")))
                .isEqualTo(Reason.REASON_TOKEN_EXPIRED);
    }

    @Test
    void whatNoneOfOurKeysSignedIsNoToken() throws Exception {
        String good = token("cam1", "w1", 1, "k1");
        assertThat(tokens.verify(CAM, token("cam1", "w1", 1, "k2")))
                .isEqualTo(Reason.REASON_UNAUTHORIZED);
        assertThat(tokens.verify(CAM, good.substring(0, good.length() - 4) + "AAAA"))
                .isEqualTo(Reason.REASON_UNAUTHORIZED);
        for (String junk : List.of("mt1.", "mt1..", "mt1.!.!", "mt1.AAAA.AAAA", "", "x")) {
            assertThat(tokens.verify(CAM, junk)).as(junk).isEqualTo(Reason.REASON_UNAUTHORIZED);
        }
    }

    private String token(String stream, String worker, long secondsLeft, String key)
            throws Exception {
        byte[] content =
                IngestToken.newBuilder()
                        .setTokenId(ByteString.copyFromUtf8("one"))
                        .setStreamId(stream)
                        .setWorker(worker)
                        .setExpiresUnixS(NOW.getEpochSecond() + secondsLeft)
                        .setKeyId(key)
                        .build()
                        .toByteArray();
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(pair.getPrivate());
        signature.update(content);
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "mt1."
                + base64.encodeToString(content)
                + "."
                + base64.encodeToString(signature.sign());
    }
}
