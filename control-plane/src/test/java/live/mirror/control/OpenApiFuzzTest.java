package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.RawHttp;
import live.mirror.control.testing.Schemas;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Every route of the OpenAPI document, asked with what the document allows and with what it does
 * not: each answer has to be one that the document describes. A seed that fails can be run again
 * with {@code -Dfuzz.seed=…}.
 */
class OpenApiFuzzTest {

    private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 60);

    private static ControlPlane controlPlane;
    private static FakeWorker worker;
    private static Api api;
    private static JsonObject document;
    private static Schemas schemas;

    @BeforeAll
    static void start() throws Exception {
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of("registry.lease", "60s", "admission.max-streams", "1000")));
        api = new Api(controlPlane.httpPort());
        worker = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        worker.register(1_000);
        long epoch = worker.claim("cam1").getAdmitted().getEpoch();
        worker.report(active("cam1", epoch, 1));
        worker.claim("cam1");
        document = api.json("GET", "/openapi", 200);
        schemas = new Schemas(document);
    }

    @AfterAll
    static void stop() {
        worker.close();
        api.close();
        controlPlane.close();
    }

    @Test
    void everyAnswerIsOneThatTheDocumentDescribes() {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        System.err.println("fuzz seed " + seed);
        Random random = new Random(seed);
        List<String> problems = new ArrayList<>();
        JsonObject paths = document.getAsJsonObject("paths");
        for (String path : paths.keySet()) {
            for (String method : paths.getAsJsonObject(path).keySet()) {
                JsonObject operation = paths.getAsJsonObject(path).getAsJsonObject(method);
                for (int i = 0; i < ROUNDS; i++) {
                    problems.addAll(ask(random, path, method, operation));
                }
            }
        }
        assertThat(problems).as("seed " + seed).isEmpty();
    }

    private static List<String> ask(
            Random random, String path, String method, JsonObject operation) {
        StringBuilder target = new StringBuilder(path);
        StringBuilder query = new StringBuilder();
        for (JsonElement each : operation.getAsJsonArray("parameters")) {
            JsonObject parameter = each.getAsJsonObject();
            String name = parameter.get("name").getAsString();
            String value = parameterValue(random, parameter.getAsJsonObject("schema"));
            if (parameter.get("in").getAsString().equals("path")) {
                int at = target.indexOf("{" + name + "}");
                target.replace(at, at + name.length() + 2, value);
            } else if (name.equals("seconds") && random.nextInt(10) != 0) {
                // What fits keeps us waiting.
                query.append(query.isEmpty() ? "?" : "&").append("seconds=").append("-1x");
            } else if (name.equals("seconds")) {
                query.append(query.isEmpty() ? "?" : "&").append("seconds=").append("1");
            } else if (random.nextBoolean()) {
                query.append(query.isEmpty() ? "?" : "&").append(name).append("=").append(value);
            }
        }
        String body =
                operation.has("requestBody")
                        ? body(random, operation.getAsJsonObject("requestBody"))
                        : "";
        String type = random.nextInt(8) == 0 ? "text/plain" : "application/json";
        String url = target.append(query).toString();
        RawHttp.Answer answer =
                RawHttp.send(
                        controlPlane.httpPort(),
                        method.toUpperCase(Locale.ROOT),
                        url,
                        body.isEmpty() ? "" : type,
                        body);
        List<String> problems = new ArrayList<>();
        describe(answer, operation, problems);
        return problems.stream().map(p -> method + " " + url + " " + body + ": " + p).toList();
    }

    private static void describe(
            RawHttp.Answer answer, JsonObject operation, List<String> problems) {
        JsonObject responses = operation.getAsJsonObject("responses");
        String status = Integer.toString(answer.status());
        // No room; and the worker of this test has no admin address to ask.
        boolean told =
                answer.body().contains("\"CAPACITY\"") || answer.body().contains("\"WORKER_LOST\"");
        if (answer.status() >= 500 && !told) {
            problems.add("a fault: " + answer);
        }
        if (answer.body().contains("xception") || answer.body().contains("\tat ")) {
            problems.add("tells of its inside: " + answer);
        }
        JsonObject response = responses.getAsJsonObject(responses.has(status) ? status : "default");
        JsonObject content = response.getAsJsonObject("content");
        if (!content.has(answer.contentType())) {
            problems.add("content type " + answer);
            return;
        }
        if (answer.contentType().endsWith("json")) {
            schemas.conforms(
                    JsonParser.parseString(answer.body()),
                    content.getAsJsonObject(answer.contentType()).getAsJsonObject("schema"),
                    "$",
                    problems);
        }
    }

    /** Half of them as the schema wants them; of the others some are not even encoded. */
    private static String parameterValue(Random random, JsonObject schema) {
        if (random.nextBoolean()) {
            JsonElement value = schemas.fitting(random, schema);
            return URLEncoder.encode(value.getAsString(), StandardCharsets.UTF_8)
                    .replace("+", "%20");
        }
        String odd = Schemas.odd(random);
        return odd.matches("[%\\x21-\\x22\\x24-\\x7e]+") && random.nextBoolean()
                ? odd
                : URLEncoder.encode(odd, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static String body(Random random, JsonObject requestBody) {
        JsonObject schema =
                requestBody
                        .getAsJsonObject("content")
                        .getAsJsonObject("application/json")
                        .getAsJsonObject("schema");
        return switch (random.nextInt(12)) {
            case 0 -> "";
            case 1 -> Schemas.odd(random);
            case 2 -> "[".repeat(5_000);
            case 3 -> "{\"srt\":".repeat(2_000);
            case 4 -> "{\"expectedKbps\": 1e999999999, \"disabled\": null}";
            case 5 -> "{\"reconnect\": {\"delayMs\": 1.5}, \"expectedKbps\": \"5\"}";
            default -> schemas.fitting(random, schema).toString();
        };
    }

    @Test
    void whoDoesNotAskForEventsIsNotKeptWaiting() {
        assertThat(RawHttp.send(controlPlane.httpPort(), "GET", "/api/v1/events", "", ""))
                .satisfies(answer -> {
                    assertThat(answer.status()).isEqualTo(406);
                    assertThat(answer.contentType()).isEqualTo("application/problem+json");
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"HEAD", "OPTIONS", "TRACE", "PATCH", "PUT", "POST", "DELETE", "BREW"})
    void anotherMethodIsRefusedWithTheOnesThatThereAre(String method) {
        JsonObject paths = document.getAsJsonObject("paths");
        for (String path : paths.keySet()) {
            if (!paths.getAsJsonObject(path).has(method.toLowerCase(Locale.ROOT))) {
                RawHttp.Answer answer =
                        RawHttp.send(
                                controlPlane.httpPort(),
                                method,
                                path.replace("{id}", "cam1"),
                                "",
                                "");
                assertThat(answer.status()).as(method + " " + path + " " + answer).isEqualTo(405);
                assertThat(answer.contentType()).isEqualTo("application/problem+json");
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "application/x-www-form-urlencoded, 415",
        "text/plain, 415",
        "application/json; charset=utf-8, 200",
        "APPLICATION/JSON, 200",
        "'', 200"
    })
    void onlyJsonIsRead(String type, int status) {
        RawHttp.Answer answer =
                RawHttp.send(
                        controlPlane.httpPort(), "PUT", "/api/v1/definitions/typed", type, "{}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(status);
    }

    @Test
    void aBodyThatIsTooLargeIsToldSo() {
        RawHttp.Answer answer =
                RawHttp.send(
                        controlPlane.httpPort(),
                        "PUT",
                        "/api/v1/definitions/cam1",
                        "application/json",
                        "{\"publishKey\": \"" + "x".repeat(2 << 20) + "\"}");
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.contentType()).isEqualTo("application/problem+json");
    }

    @Test
    void watchersGetWhatIsThereAndWhatChangesBySse() {
        RawHttp.Answer answer =
                RawHttp.send(
                        controlPlane.httpPort(), "GET", "/api/v1/events?seconds=2&id=cam1", "", "");
        assertThat(answer.contentType()).isEqualTo("text/event-stream");
        assertThat(answer.body())
                .startsWith("event: reset\ndata: {}\n\nevent: stream\ndata: {\"id\":\"cam1\"")
                .contains("\n:\n\n");
    }

    @Test
    void whyAnEncoderWasRefusedAtATimeIsAnswered() {
        worker.claim("refused-1");
        worker.claim(worker.request("refused-1").setSource("192.0.2.14:1403"));
        JsonObject refusal =
                api.json("GET", "/api/v1/refusals?source=192.0.2.14&streamId=refused-1", 200)
                        .getAsJsonArray("refusals")
                        .get(0)
                        .getAsJsonObject();
        assertThat(refusal.get("reason").getAsString())
                .isEqualTo(live.mirror.contract.Reasons.name(Reason.REASON_ALREADY_PUBLISHING));
        String at = refusal.get("at").getAsString();
        String within = "/api/v1/refusals?streamId=refused-1&since=" + at;
        assertThat(api.json("GET", within, 200).getAsJsonArray("refusals")).hasSize(1);
        assertThat(
                        api.json("GET", "/api/v1/refusals?streamId=refused-1&until=" + at, 200)
                                .getAsJsonArray("refusals"))
                .isEmpty();
        api.json("GET", "/api/v1/refusals?since=yesterday", 400);
    }
}
