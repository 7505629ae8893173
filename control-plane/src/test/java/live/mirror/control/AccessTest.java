package live.mirror.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.gson.JsonObject;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.client.Channels;
import live.mirror.client.MirrorSubscriber;
import live.mirror.contract.Reasons;
import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.WatchStreamsRequest;

import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Who may call the API, by HTTP and by gRPC, when it asks for a token. */
class AccessTest {

    private static final String OPERATOR = "an-operators-token-1";
    private static final String VIEWER = "a-viewers-token-2345";

    @TempDir Path directory;
    private ControlPlane controlPlane;
    private Api api;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        Path operators = Files.writeString(directory.resolve("operators"), OPERATOR + "\n");
        Path viewers = Files.writeString(directory.resolve("viewers"), "\n" + VIEWER + "\n");
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of(
                                        "api.token-file",
                                        operators.toString(),
                                        "api.viewer-token-file",
                                        viewers.toString())));
        api = new Api(controlPlane.httpPort());
        channel =
                NettyChannelBuilder.forAddress("127.0.0.1", controlPlane.httpPort())
                        .usePlaintext()
                        .build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        api.close();
        controlPlane.close();
    }

    @Test
    void nothingButItsDescriptionIsToldToWhoShowsNoToken() {
        JsonObject document = api.json("GET", "/openapi", 200);
        assertThat(document.getAsJsonArray("security").get(0).getAsJsonObject().has("bearer"))
                .isTrue();
        JsonObject paths = document.getAsJsonObject("paths");
        for (String path : paths.keySet()) {
            for (String method : paths.getAsJsonObject(path).keySet()) {
                String asked = path.replace("{id}", "none");
                for (String token : new String[] {"", "a-token-of-nobody-0", VIEWER + "x"}) {
                    JsonObject problem =
                            api.withToken(token)
                                    .json(method.toUpperCase(java.util.Locale.ROOT), asked, 401);
                    assertThat(problem.get("type").getAsString()).isEqualTo("UNAUTHORIZED");
                }
            }
        }
        assertThat(api.send("GET", "/nowhere", "").statusCode()).isEqualTo(401);
        assertThat(api.send("GET", "/api/v1/streams", "").headers().firstValue("www-authenticate"))
                .contains("Bearer realm=\"mirror\"");
        try (Api admin = new Api(controlPlane.adminPort())) {
            assertThat(admin.send("GET", "/health/live", "").statusCode()).isEqualTo(200);
            assertThat(admin.send("GET", "/metrics", "").body())
                    .containsPattern("mirror_api_refused_by_token_total\\S* [1-9]");
        }
    }

    @Test
    void aViewerReadsAndAnOperatorChanges() {
        Api viewer = api.withToken(VIEWER);
        Api operator = api.withToken(OPERATOR);
        JsonObject refused = viewer.json("PUT", "/api/v1/definitions/cam1", "{}", 403);
        assertThat(refused.get("type").getAsString()).isEqualTo("FORBIDDEN");
        operator.json("PUT", "/api/v1/definitions/cam1", "{}", 200);
        viewer.json("GET", "/api/v1/definitions/cam1", 200);
        viewer.json("DELETE", "/api/v1/definitions/cam1", 403);
        operator.json("DELETE", "/api/v1/definitions/cam1", 200);
    }

    @Test
    void byGrpcTheContractSaysWhatReads() {
        GetStreamRequest get = GetStreamRequest.newBuilder().setId("cam1").build();
        StopStreamRequest stop = StopStreamRequest.newBuilder().setId("cam1").build();
        assertRefused(Status.Code.UNAUTHENTICATED, () -> stub("").getStream(get));
        assertRefused(
                Status.Code.UNAUTHENTICATED,
                () ->
                        stub("a-token-of-nobody-0")
                                .watchStreams(WatchStreamsRequest.getDefaultInstance())
                                .hasNext());
        assertRefused(Status.Code.PERMISSION_DENIED, () -> stub(VIEWER).stopStream(stop));
        assertRefused(Status.Code.NOT_FOUND, () -> stub(VIEWER).getStream(get));
        assertRefused(Status.Code.NOT_FOUND, () -> stub(OPERATOR).stopStream(stop));
        assertThat(
                        stub(VIEWER)
                                .watchStreams(WatchStreamsRequest.getDefaultInstance())
                                .next()
                                .hasReset())
                .isTrue();
    }

    @Test
    void aPackagerNeedsAViewersToken() throws Exception {
        try (MirrorSubscriber viewer = subscriber(VIEWER);
                MirrorSubscriber nobody = subscriber("a-token-of-nobody-0")) {
            assertThat(viewer.run(_ -> {}).getReason()).isEqualTo(Reason.REASON_NOT_FOUND);
            assertThatExceptionOfType(StatusRuntimeException.class)
                    .isThrownBy(() -> nobody.run(_ -> {}))
                    .satisfies(e -> assertThat(Reasons.of(e)).contains(Reason.REASON_UNAUTHORIZED));
        }
    }

    @Test
    void aRenewedFileIsInUseWithoutARestart() throws IOException {
        String renewed = "an-operators-token-2";
        Files.writeString(directory.resolve("operators"), renewed + "\n");
        Await.until(
                "the new token is known",
                () ->
                        api.withToken(renewed).send("GET", "/api/v1/streams", "").statusCode()
                                == 200);
        api.withToken(OPERATOR).json("GET", "/api/v1/streams", 401);
    }

    private MirrorSubscriber subscriber(String token) {
        return MirrorSubscriber.to("cam1")
                .controlPlane("127.0.0.1:" + controlPlane.httpPort())
                .credentials(Channels.bearer(token))
                .build();
    }

    private StreamServiceGrpc.StreamServiceBlockingStub stub(String token) {
        StreamServiceGrpc.StreamServiceBlockingStub stub =
                StreamServiceGrpc.newBlockingStub(channel).withDeadlineAfter(10, TimeUnit.SECONDS);
        return token.isEmpty() ? stub : stub.withCallCredentials(Channels.bearer(token));
    }

    private static void assertRefused(Status.Code code, ThrowingCallable call) {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.getStatus().getCode()).isEqualTo(code));
    }
}
