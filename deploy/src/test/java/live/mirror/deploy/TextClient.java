package live.mirror.deploy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** Asks our HTTP servers. Answers bodies, or the problem as text when there is none. */
final class TextClient implements AutoCloseable {

    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private final Duration patience;

    /**
     * Connects to nobody yet.
     *
     * @param patience for one request
     */
    TextClient(Duration patience) {
        this.patience = patience;
    }

    String get(String address, String path) {
        return body(request(address, path).build());
    }

    String delete(String address, String path) {
        return body(request(address, path).DELETE().build());
    }

    /** Sends JSON by this method. */
    String send(String method, String address, String path, String json) {
        return body(
                request(address, path)
                        .method(method, HttpRequest.BodyPublishers.ofString(json))
                        .header("Content-Type", "application/json")
                        .build());
    }

    private HttpRequest.Builder request(String address, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + address + path)).timeout(patience);
    }

    private String body(HttpRequest request) {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        } catch (IOException e) {
            return "no answer: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "interrupted";
        }
    }

    @Override
    public void close() {
        http.close();
    }
}
