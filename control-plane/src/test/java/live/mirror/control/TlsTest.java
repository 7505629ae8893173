package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.client.MirrorSubscriber;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.TestCertificates;
import live.mirror.control.testing.TestRedis;
import live.mirror.settings.SettingsException;
import live.mirror.v1.GetFiguresRequest;
import live.mirror.v1.Reason;
import live.mirror.v1.ReplicaServiceGrpc;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import javax.net.ssl.SSLSocket;

/** Both listeners with certificates as {@code deploy/certificates} makes them. */
class TlsTest {

    @TempDir Path directory;
    private TestCertificates certificates;
    private TestRedis redis;
    private ControlPlane controlPlane;

    @BeforeEach
    void start() {
        certificates = new TestCertificates(directory.resolve("ours"));
        redis = TestRedis.inMemory();
        controlPlane = replica();
    }

    private ControlPlane replica() {
        Map<String, String> settings = new HashMap<>(certificates.settings());
        settings.put("registry.redis.uri", redis.uri());
        return ControlPlane.start(ControlPlaneTest.settings(settings));
    }

    @AfterEach
    void stop() {
        controlPlane.close();
        redis.close();
    }

    @Test
    void aWorkerSpeaksForItselfAlone() {
        ChannelCredentials w1 = certificates.files("worker-w1").channelCredentials();
        try (FakeWorker own = worker("w1", w1);
                FakeWorker other = worker("w2", w1);
                FakeWorker replica =
                        worker("w1", certificates.files("control-plane").channelCredentials())) {
            assertThat(own.register(10).getWorkerEpoch()).isPositive();
            assertThat(own.claim("cam1").hasAdmitted()).isTrue();
            assertRefused(Status.Code.PERMISSION_DENIED, () -> other.register(10));
            assertRefused(Status.Code.PERMISSION_DENIED, () -> other.claim("cam2"));
            assertRefused(Status.Code.PERMISSION_DENIED, () -> replica.register(10));
        }
    }

    @Test
    void whoShowsNoCertificateOfOursIsNoWorker() {
        TestCertificates strangers = new TestCertificates(directory.resolve("theirs"));
        try (FakeWorker nameless = worker("w1", certificates.nobody());
                FakeWorker inClear = worker("w1", InsecureChannelCredentials.create());
                FakeWorker stranger =
                        worker(
                                "w1",
                                io.grpc.TlsChannelCredentials.newBuilder()
                                        .keyManager(
                                                strangers.files("worker-w1").certificate().toFile(),
                                                strangers.files("worker-w1").key().toFile())
                                        .trustManager(directory.resolve("ours/ca.pem").toFile())
                                        .build())) {
            assertRefused(Status.Code.UNAVAILABLE, () -> nameless.register(10));
            // What a TLS server says to such a client is no HTTP/2 at all.
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> inClear.register(10));
            assertRefused(Status.Code.UNAVAILABLE, () -> stranger.register(10));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void replicasAskEachOtherAndWorkersDoNot() throws Exception {
        try (ControlPlane second = replica();
                FakeWorker worker =
                        worker("w1", certificates.files("worker-w1").channelCredentials());
                HttpClient http =
                        HttpClient.newBuilder().sslContext(certificates.context()).build()) {
            worker.register(10);
            long epoch = worker.claim("cam1").getAdmitted().getEpoch();
            worker.report(active("cam1", epoch, 4711));
            assertThat(get(http, second.httpPort(), "/api/v1/streams/cam1")).contains("4711");
            ManagedChannel channel =
                    Grpc.newChannelBuilderForAddress(
                                    "127.0.0.1",
                                    second.linkPort(),
                                    certificates.files("worker-w1").channelCredentials())
                            .build();
            try {
                assertRefused(
                        Status.Code.PERMISSION_DENIED,
                        () ->
                                ReplicaServiceGrpc.newBlockingStub(channel)
                                        .getFigures(GetFiguresRequest.getDefaultInstance()));
            } finally {
                channel.shutdownNow();
            }
        }
    }

    @Test
    void packagersLocateStreamsWhoseAuthorityTheyTrust() throws Exception {
        try (MirrorSubscriber trusting = subscriber(certificates.nobody());
                MirrorSubscriber doubting = subscriber(io.grpc.TlsChannelCredentials.create())) {
            assertThat(trusting.run(_ -> {}).getReason()).isEqualTo(Reason.REASON_NOT_FOUND);
            assertThat(doubting.run(_ -> {}).getReason())
                    .isEqualTo(Reason.REASON_CONTROL_PLANE_AWAY);
        }
    }

    private MirrorSubscriber subscriber(ChannelCredentials credentials) {
        return MirrorSubscriber.to("cam1")
                .controlPlane("127.0.0.1:" + controlPlane.httpPort())
                .channels(address -> Grpc.newChannelBuilder(address, credentials))
                .patience(Duration.ofMillis(500))
                .build();
    }

    @Test
    void aRenewedCertificateIsInUseWithoutARestart() {
        BigInteger before = serial();
        assertThat(before).isEqualTo(ours().getSerialNumber());
        certificates.renew();
        assertThat(ours().getSerialNumber()).isNotEqualTo(before);
        Await.until(
                "the new certificate is shown", () -> serial().equals(ours().getSerialNumber()));
    }

    private X509Certificate ours() {
        return certificates.files("control-plane").chain().getFirst();
    }

    private BigInteger serial() {
        try (SSLSocket socket =
                (SSLSocket)
                        certificates
                                .context()
                                .getSocketFactory()
                                .createSocket("127.0.0.1", controlPlane.httpPort())) {
            socket.startHandshake();
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSerialNumber();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aLinkThatOthersReachHasToBeEncryptedOrMeantToBeInClear() {
        Map<String, String> open =
                Map.of("server.link", "0.0.0.0:0", "server.advertised-host", "127.0.0.1");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> ControlPlane.start(ControlPlaneTest.settings(open)))
                .withMessageContaining("server.link")
                .withMessageContaining("tls.link.certificate")
                .withMessageContaining("server.link-in-clear=true");
        Map<String, String> meant = new HashMap<>(open);
        meant.put("server.link-in-clear", "true");
        ControlPlane.start(ControlPlaneTest.settings(meant)).close();
    }

    @Test
    void filesThatCantBeUsedStopTheStartWithTheirSetting() {
        Map<String, String> settings = new HashMap<>(certificates.settings());
        settings.put("tls.link.key", directory.resolve("ours/ca.pem").toString());
        settings.remove("tls.public.key");
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> ControlPlane.start(ControlPlaneTest.settings(settings)))
                .withMessageContaining("tls.link.key: ")
                .withMessageContaining("PKCS 8")
                .withMessageContaining("tls.public: ");
    }

    private FakeWorker worker(String id, ChannelCredentials credentials) {
        return new FakeWorker(controlPlane.linkPort(), id, 1, credentials);
    }

    private static void assertRefused(
            Status.Code code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }

    private static String get(HttpClient http, int port, String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
                                .timeout(Duration.ofSeconds(5))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
    }
}
