package live.mirror.control.api;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.v1.WatchStreamsResponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Server-sent events ({@code reset}, {@code stream}, {@code alarm}, and a comment each second) as
 * an answer that begins with the first of them, so that until then an error can still be told by
 * its status. Used by the request's thread alone. A client that takes nothing for {@link #STALL} is
 * hung up: the thread is interrupted in its write, which closes the connection.
 */
final class EventStream implements AutoCloseable {

    private static final Duration STALL = Duration.ofSeconds(5);

    private final ServerResponse response;
    private final Runnable onStall;
    private final Thread writer = Thread.currentThread();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable OutputStream out;

    /** Since when the thread has been writing, read by the watchdog; 0 while it is not. */
    private volatile long writingSinceNs;

    EventStream(ServerResponse response, Runnable onStall) {
        this.response = response;
        this.onStall = onStall;
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
        writingSinceNs = System.nanoTime();
        try {
            OutputStream to = out == null ? begin() : out;
            to.write(text.getBytes(StandardCharsets.UTF_8));
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            writingSinceNs = 0;
        }
    }

    private OutputStream begin() {
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        OutputStream begun = response.outputStream();
        out = begun;
        Thread.ofVirtual().name("event-stream-watchdog").start(this::watch);
        return begun;
    }

    private void watch() {
        try {
            while (!closed.await(1, TimeUnit.SECONDS)) {
                long since = writingSinceNs;
                if (since != 0 && System.nanoTime() - since > STALL.toNanos()) {
                    onStall.run();
                    writer.interrupt();
                    return;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws IOException {
        closed.countDown();
        if (out != null) {
            out.close();
        }
    }
}
