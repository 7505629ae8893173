package live.mirror.receive.srt;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A process of its own that publishes what it is fed: messages of 1,316 bytes, each with its number
 * in front, about 400 a second (4 Mb/s).
 */
final class FedPublisher implements AutoCloseable {

    private static final long PAUSE_NS = 2_500_000;

    private final Process process;
    private final Thread feeder;
    private volatile boolean over;

    private FedPublisher(Process process) {
        this.process = process;
        this.feeder = Thread.ofPlatform().name("feeder").start(this::feed);
    }

    /**
     * srt-live-transmit calls a listener; {@code options} are further ones of its URL, each with
     * `&` in front.
     */
    static FedPublisher transmit(InetSocketAddress to, String streamId, String options)
            throws IOException {
        return start(
                "srt-live-transmit",
                "-q",
                "-a:no",
                "-chunk:1316",
                "file://con",
                url(to, streamId) + options);
    }

    /** GStreamer calls a listener. */
    static FedPublisher gstreamer(InetSocketAddress to, String streamId) throws IOException {
        return start(
                "gst-launch-1.0",
                "-q",
                "fdsrc",
                "blocksize=1316",
                "!",
                "srtsink",
                "sync=false",
                "uri=" + url(to, streamId));
    }

    private static String url(InetSocketAddress to, String streamId) {
        return "srt://127.0.0.1:" + to.getPort() + "?mode=caller&streamid=" + streamId;
    }

    private static FedPublisher start(String... command) throws IOException {
        return new FedPublisher(
                new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start());
    }

    /** Ends it without giving it time for a word: SIGKILL. */
    void kill() throws InterruptedException {
        over = true;
        process.destroyForcibly();
        process.waitFor(5, TimeUnit.SECONDS);
        feeder.join();
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private void feed() {
        ByteBuffer message = ByteBuffer.allocate(ReceiverFixture.MESSAGE_BYTES);
        try (OutputStream input = process.getOutputStream()) {
            for (long number = 0; !over; number++) {
                input.write(message.putLong(0, number).array());
                input.flush();
                LockSupport.parkNanos(PAUSE_NS);
            }
        } catch (IOException e) {
            // It was killed, and its input with it.
            over = true;
        }
    }
}
