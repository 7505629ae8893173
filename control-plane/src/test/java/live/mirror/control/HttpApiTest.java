package live.mirror.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Peer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.http.HttpResponse;
import java.util.Map;

/** What a client can do wrong, and the document that tells it how to do it right. */
class HttpApiTest {

    private static ControlPlane controlPlane;
    private static Api api;

    @BeforeAll
    static void start() {
        controlPlane = ControlPlane.start(ControlPlaneTest.settings(Map.of()));
        api = new Api(controlPlane.httpPort());
    }

    @AfterAll
    static void stop() {
        api.close();
        controlPlane.close();
    }

    @Test
    void everyOperationOfTheOpenApiDocumentIsServed() {
        JsonObject document = api.json("GET", "/openapi", 200);
        JsonObject paths = document.getAsJsonObject("paths");
        assertThat(paths.size()).isGreaterThan(8);
        for (String path : paths.keySet()) {
            for (String method : paths.getAsJsonObject(path).keySet()) {
                HttpResponse<String> response =
                        api.send(
                                method.toUpperCase(java.util.Locale.ROOT),
                                path.replace("{id}", "none"),
                                "{}");
                assertThat(response.statusCode()).as(method + " " + path).isNotIn(405, 500);
                assertThat(response.body()).doesNotContain("there is nothing at this path");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{} {}",
                "{\"colour\": \"red\"}",
                "{\"expectedKbps\": \"much\"}",
                "{\"expectedKbps\": -1}",
                "{\"takeover\": \"SOMETIMES\"}",
                "{\"publishKey\": \"short\"}",
                "{\"id\": \"another\"}",
                "{\"reconnect\": {\"maxAttempts\": 1e9}}",
                "{\"passphrase\": null, \"disabled\": 3}"
            })
    void aBodyThatDoesNotFitIsRefusedWithAReason(String body) {
        assertThat(api.json("PUT", "/api/v1/definitions/cam1", body, 400).get("type").getAsString())
                .isEqualTo("INVALID_REQUEST");
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /api/v1/streams, 405",
        "PATCH, /api/v1/streams/cam1, 405",
        "GET, /api/v1/ingests, 405",
        "GET, /api/v1/streams?pageSize=1001, 400",
        "GET, /api/v1/streams?pageSize=x, 400",
        "GET, /api/v1/streams?pageSize=1&pageSize=2, 400",
        "GET, /api/v1/streams/%00, 400",
        "GET, /api/v1/streams/a%0Ab, 404",
        "GET, /api/v1/workers/nobody, 404",
        "GET, /api/v1/refusals?limit=-1, 400",
        "GET, /api/v1/explain?streamId=cam1, 404",
        "GET, /api/v1/explain?streamId=cam1&worker=nobody, 404",
        "GET, /api/v1/explain?port=70000, 400",
        "GET, /api/v1/timelines/cam9, 404",
        "GET, /, 404"
    })
    void whatIsNotThereIsAProblemDocument(String method, String path, int status) {
        JsonObject problem = api.json(method, path, status);
        assertThat(problem.get("status").getAsInt()).isEqualTo(status);
        assertThat(problem.get("type").getAsString()).isNotEmpty();
    }

    @Test
    void anOversizedBodyIsRefused() {
        String body = "{\"id\": \"" + "x".repeat(2 << 20) + "\"}";
        assertThat(api.send("PUT", "/api/v1/definitions/cam1", body).statusCode())
                .isBetween(400, 499);
    }

    @Test
    void nestingThatNobodyNeedsIsRefused() {
        assertThat(api.send("PUT", "/api/v1/definitions/cam1", "[".repeat(100_000)).statusCode())
                .isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Length: -5",
                "Content-Length: 1e3",
                "Transfer-Encoding: chunked",
                "Content-Length: 99999999999"
            })
    void aBodyWhoseLengthCantBeReadEndsTheConnectionWithAnAnswer(String header) {
        try (Peer peer = new Peer("127.0.0.1", controlPlane.httpPort())) {
            peer.send(Peer.head("PUT /api/v1/definitions/a", header) + "ZZZ\r\n{}\r\n0\r\n\r\n");
            assertThat(peer.answer()).containsPattern(" 4(00|13) ");
            assertThat(peer.isHungUpSoon()).isTrue();
        }
    }

    @Test
    void whoAsksForTheEndOfTheConnectionGetsIt() {
        try (Peer peer = new Peer("127.0.0.1", controlPlane.httpPort())) {
            peer.send(Peer.head("GET /openapi", "Connection: close"));
            assertThat(peer.answer()).contains("200 OK");
            assertThat(peer.isHungUpSoon()).isTrue();
        }
    }
}
