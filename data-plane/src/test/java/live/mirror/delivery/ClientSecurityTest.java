package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;

import live.mirror.client.MirrorSubscriber;
import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Ended;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.Started;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.concurrent.Executor;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** The client's hooks for TLS and tokens, against a server that insists on both. */
@Timeout(60)
class ClientSecurityTest {

    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final char[] PASSWORD = "changeit".toCharArray();

    @TempDir private Path folder;
    private KeyStore keys;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        keys = selfSigned();
        KeyManagerFactory keyManagers =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keyManagers.init(keys, PASSWORD);
        server =
                Grpc.newServerBuilderForPort(
                                0,
                                TlsServerCredentials.newBuilder()
                                        .keyManager(keyManagers.getKeyManagers())
                                        .build())
                        .addService(new Locations())
                        .addService(new OneEvent())
                        .intercept(new Doorkeeper())
                        .build()
                        .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void encryptionAndTokenGoWithEveryCall() throws Exception {
        try (MirrorSubscriber subscriber =
                subscriber().channels(this::trusting).credentials(bearer("secret")).build()) {
            assertThat(subscriber.run(_ -> {}).getReason())
                    .isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
        }
    }

    @Test
    void aWrongTokenIsAnErrorAtOnce() {
        try (MirrorSubscriber subscriber =
                subscriber().channels(this::trusting).credentials(bearer("guess")).build()) {
            assertThatThrownBy(() -> subscriber.run(_ -> {}))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e ->
                                    assertThat(e.getStatus().getCode())
                                            .isEqualTo(Status.Code.UNAUTHENTICATED));
        }
    }

    @Test
    void aCertificateThatNobodyVouchesForGetsNoToken() throws Exception {
        try (MirrorSubscriber subscriber =
                subscriber()
                        .channels(address ->
                                Grpc.newChannelBuilder(address, TlsChannelCredentials.create()))
                        .credentials(bearer("secret"))
                        .patience(Duration.ofMillis(500))
                        .build()) {
            assertThat(subscriber.run(_ -> {}).getReason())
                    .isEqualTo(Reason.REASON_CONTROL_PLANE_AWAY);
        }
    }

    private MirrorSubscriber.Builder subscriber() {
        return MirrorSubscriber.to("cam1").controlPlane(address());
    }

    private String address() {
        return "localhost:" + server.getPort();
    }

    private ManagedChannelBuilder<?> trusting(String address) {
        try {
            TrustManagerFactory trustManagers =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trustManagers.init(keys);
            return Grpc.newChannelBuilder(
                    address,
                    TlsChannelCredentials.newBuilder()
                            .trustManager(trustManagers.getTrustManagers())
                            .build());
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static CallCredentials bearer(String token) {
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(
                    RequestInfo call, Executor executor, MetadataApplier applier) {
                Metadata headers = new Metadata();
                headers.put(AUTHORIZATION, "Bearer " + token);
                applier.apply(headers);
            }
        };
    }

    private KeyStore selfSigned() throws Exception {
        Path file = folder.resolve("keys.p12");
        Process keytool =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-genkeypair",
                                "-alias",
                                "worker",
                                "-keyalg",
                                "EC",
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=dns:localhost,ip:127.0.0.1",
                                "-validity",
                                "2",
                                "-keystore",
                                file.toString(),
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                String.valueOf(PASSWORD))
                        .redirectErrorStream(true)
                        .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as(said).isZero();
        KeyStore pair = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            pair.load(in, PASSWORD);
        }
        // The certificate stands beside its key as a trusted one too, for the client.
        pair.setCertificateEntry("trusted", pair.getCertificate("worker"));
        return pair;
    }

    /** Lets in who brings the token. */
    private static final class Doorkeeper implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!"Bearer secret".equals(headers.get(AUTHORIZATION))) {
                call.close(Status.UNAUTHENTICATED, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }

    private final class Locations extends StreamServiceGrpc.StreamServiceImplBase {
        @Override
        public void locateStream(
                LocateStreamRequest request, StreamObserver<LocateStreamResponse> answer) {
            answer.onNext(
                    LocateStreamResponse.newBuilder()
                            .setDeliveryAddress(address())
                            .setEpoch(1)
                            .build());
            answer.onCompleted();
        }
    }

    private static final class OneEvent extends DeliveryServiceGrpc.DeliveryServiceImplBase {
        @Override
        public void subscribe(SubscribeRequest request, StreamObserver<SubscribeResponse> events) {
            events.onNext(
                    SubscribeResponse.newBuilder()
                            .setStarted(Started.getDefaultInstance())
                            .build());
            events.onNext(
                    SubscribeResponse.newBuilder()
                            .setEnded(
                                    Ended.newBuilder().setReason(Reason.REASON_STOPPED_BY_OPERATOR))
                            .build());
            events.onCompleted();
        }
    }
}
