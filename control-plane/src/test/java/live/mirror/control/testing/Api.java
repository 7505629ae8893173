package live.mirror.control.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** The HTTP API as a test uses it. */
public final class Api implements AutoCloseable {

    private final HttpClient http;
    private final int port;
    private final String token;

    /** At this port. */
    public Api(int port) {
        this(HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build(), port, "");
    }

    private Api(HttpClient http, int port, String token) {
        this.http = http;
        this.port = port;
        this.token = token;
    }

    /** The same, on the same connections, with a token in each request; empty for none. */
    public Api withToken(String shown) {
        return new Api(http, port, shown);
    }

    /** The JSON object that a request is answered with; fails on another status. */
    public JsonObject json(String method, String path, int status) {
        return json(method, path, "", status);
    }

    /** The same with a body. */
    public JsonObject json(String method, String path, String body, int status) {
        HttpResponse<String> response = send(method, path, body);
        assertThat(response.statusCode())
                .as(method + " " + path + ": " + response.body())
                .isEqualTo(status);
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    /** The response as it is. */
    public HttpResponse<String> send(String method, String path, String body) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .timeout(Duration.ofSeconds(5))
                            .method(method, HttpRequest.BodyPublishers.ofString(body));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The status of a stream. */
    public String status(String stream) {
        return json("GET", "/api/v1/streams/" + stream, 200).get("status").getAsString();
    }

    @Override
    public void close() {
        http.close();
    }
}
