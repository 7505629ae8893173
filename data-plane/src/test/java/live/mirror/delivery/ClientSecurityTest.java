package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Grpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;

import live.mirror.client.Channels;
import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.contract.Reasons;
import live.mirror.settings.TlsFiles;
import live.mirror.stream.Ingest;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;

/** A delivery server that insists on TLS and a token, and the client's hooks for both. */
@Timeout(60)
class ClientSecurityTest {

    private static final String TOKEN = "a-token-of-the-packagers";

    @TempDir private Path folder;
    private Path tokens;
    private DeliveryFixture fixture;
    private FakeControlPlane control;

    @BeforeEach
    void start() throws Exception {
        certificates();
        tokens =
                Files.writeString(
                        folder.resolve("tokens"), "another-token-before\n" + TOKEN + "\n");
        Path certificate = folder.resolve("worker-w1.pem");
        Path key = folder.resolve("worker-w1.key");
        fixture = new DeliveryFixture(new TlsFiles(certificate, key, Optional.empty()), tokens);
        control =
                new FakeControlPlane(
                        TlsServerCredentials.create(certificate.toFile(), key.toFile()));
        control.locate("cam1", "localhost:" + fixture.port(), 1);
        Ingest ingest = fixture.publish("cam1", 1);
        fixture.send(ingest, 1_316, 7);
    }

    @AfterEach
    void stop() {
        control.close();
        fixture.close();
    }

    @Test
    void whoShowsATokenOverTlsGetsMedia() throws Exception {
        assertThat(bytesWith(TOKEN)).isEqualTo(1_316);
        assertThat(fixture.server().counters().refusedByToken()).isZero();
    }

    @Test
    void aWrongTokenIsAnErrorAtOnce() {
        assertRefused(subscriber().credentials(Channels.bearer("another-token-beforf")));
    }

    @Test
    void noTokenIsAnErrorAtOnce() {
        assertRefused(subscriber());
    }

    @Test
    void aCertificateThatNobodyVouchesForGetsNoToken() throws Exception {
        try (MirrorSubscriber subscriber =
                subscriber()
                        .channels(address ->
                                Grpc.newChannelBuilder(address, TlsChannelCredentials.create()))
                        .credentials(Channels.bearer(TOKEN))
                        .patience(Duration.ofMillis(500))
                        .build()) {
            assertThat(subscriber.run(_ -> {}).getReason())
                    .isEqualTo(Reason.REASON_CONTROL_PLANE_AWAY);
        }
    }

    @Test
    void whatIsRenewedIsInUseWithoutARestart() throws Exception {
        X509Certificate before = shown();
        certificates();
        Files.writeString(tokens, "the-token-from-now-on\n");
        while (shown().equals(before)) {
            LockSupport.parkNanos(20_000_000);
        }
        long bytes = 0;
        while (bytes == 0) {
            bytes = bytesWith("the-token-from-now-on");
        }
        assertRefused(subscriber().credentials(Channels.bearer(TOKEN)));
    }

    /** What a subscriber gets with this token; nothing when it is refused. */
    private long bytesWith(String token) throws Exception {
        AtomicLong bytes = new AtomicLong();
        try (MirrorSubscriber subscriber =
                subscriber().credentials(Channels.bearer(token)).build()) {
            subscriber.run(chunk -> {
                bytes.addAndGet(chunk.getPayload().size());
                subscriber.close();
            });
        } catch (StatusRuntimeException e) {
            assertThat(Reasons.of(e)).contains(Reason.REASON_UNAUTHORIZED);
        }
        return bytes.get();
    }

    private void assertRefused(MirrorSubscriber.Builder builder) {
        long before = fixture.server().counters().refusedByToken();
        try (MirrorSubscriber subscriber = builder.build()) {
            assertThatThrownBy(() -> subscriber.run(_ -> {}))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> {
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.UNAUTHENTICATED);
                                assertThat(Reasons.of(e)).contains(Reason.REASON_UNAUTHORIZED);
                            });
        }
        assertThat(fixture.server().counters().refusedByToken()).isEqualTo(before + 1);
    }

    private MirrorSubscriber.Builder subscriber() {
        return MirrorSubscriber.to("cam1")
                .controlPlane(control.address())
                .channels(Channels.trusting(folder.resolve("ca.pem")))
                .from(StartAt.OLDEST);
    }

    /** The certificate that the server shows now. */
    private X509Certificate shown() throws Exception {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        trusted.setCertificateEntry(
                "authority",
                new TlsFiles(folder.resolve("ca.pem"), folder.resolve("ca.key"), Optional.empty())
                        .chain()
                        .getFirst());
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("localhost", fixture.port())) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    /** An authority at the first call, and a new certificate of the worker at each. */
    private void certificates() throws Exception {
        Process script =
                new ProcessBuilder("../deploy/certificates", folder.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(script.waitFor()).as(said).isZero();
    }
}
