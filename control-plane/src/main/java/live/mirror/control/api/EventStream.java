package live.mirror.control.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.v1.WatchStreamsResponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Server-sent events ({@code reset}, {@code stream}, {@code alarm}, and a comment each second) as
 * an answer that begins with the first of them, so that until then an error can still be told by
 * its status. Used by the request's thread alone. A client that takes nothing is hung up as any
 * other is.
 */
final class EventStream implements AutoCloseable {

    private final ServerResponse response;
    private @Nullable OutputStream out;

    EventStream(ServerResponse response) {
        this.response = response;
    }

    /** Whether it is too late for another status. */
    boolean hasBegun() {
        return out != null;
    }

    void send(WatchStreamsResponse update) {
        String text =
                (update.getEventId().isEmpty() ? "" : "id: " + update.getEventId() + "\n")
                        + switch (update.getUpdateCase()) {
                            case RESET -> "event: reset\ndata: {}\n\n";
                            case STREAM ->
                                    "event: stream\ndata: "
                                            + ProtoJson.print(update.getStream())
                                            + "\n\n";
                            case ALARM ->
                                    "event: alarm\ndata: "
                                            + ProtoJson.print(update.getAlarm())
                                            + "\n\n";
                            case HEARTBEAT, UPDATE_NOT_SET -> ":\n\n";
                        };
        try {
            OutputStream to = out == null ? begin() : out;
            to.write(text.getBytes(StandardCharsets.UTF_8));
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OutputStream begin() {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        OutputStream begun = response.outputStream();
        out = begun;
        return begun;
    }

    @Override
    public void close() throws IOException {
        if (out != null) {
            out.close();
        }
    }
}
