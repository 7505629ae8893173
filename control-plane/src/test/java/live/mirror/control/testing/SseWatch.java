package live.mirror.control.testing;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A watcher by server-sent events, as a browser is one. */
public final class SseWatch implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader lines;

    /** Watches at this port, from behind an event or, with an empty one, the whole. */
    public SseWatch(int port, String lastEventId) {
        try {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            socket.setSoTimeout((int) Duration.ofSeconds(10).toMillis());
            String header = lastEventId.isEmpty() ? "" : "Last-Event-ID: " + lastEventId + "\r\n";
            socket.getOutputStream()
                    .write(
                            ("GET /api/v1/events HTTP/1.1\r\nHost: a\r\n"
                                            + "Accept: text/event-stream\r\n"
                                            + header
                                            + "\r\n")
                                    .getBytes(StandardCharsets.US_ASCII));
            lines =
                    new BufferedReader(
                            new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The fields of the next event; lines of the transfer coding are none of them. */
    private Seen next() {
        String id = "";
        String kind = "heartbeat";
        String data = "";
        try {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("id: ")) {
                    id = line.substring("id: ".length());
                } else if (line.startsWith("event: ")) {
                    kind = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    data = line.substring("data: ".length());
                } else if (line.equals(":")) {
                    return new Seen(id, "", kind, 0);
                } else if (line.isEmpty() && !data.isEmpty()) {
                    return kind.equals("stream") ? stream(id, data) : new Seen(id, "", kind, 0);
                }
            }
            throw new AssertionError("the events ended");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Seen stream(String id, String data) {
        var stream = JsonParser.parseString(data).getAsJsonObject();
        return new Seen(
                id,
                stream.get("id").getAsString(),
                stream.get("status").getAsString(),
                stream.get("epoch").getAsLong());
    }

    /** The streams that there are at first. */
    public List<String> whole() {
        assertThat(next().status()).isEqualTo("reset");
        List<String> streams = new ArrayList<>();
        for (Seen each = next(); !each.stream().isEmpty(); each = next()) {
            assertThat(each.id()).isEmpty();
            streams.add(each.stream());
        }
        return streams;
    }

    /** So many changes, without another reset among them. */
    public List<Seen> changes(int count) {
        List<Seen> seen = new ArrayList<>();
        while (seen.size() < count) {
            Seen each = next();
            assertThat(each.status()).isNotEqualTo("reset");
            if (!each.stream().isEmpty()) {
                seen.add(each);
            }
        }
        return seen;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
