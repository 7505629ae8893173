package live.mirror.receive.srt;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * srt-live-transmit as an encoder: a process of its own that sends messages of 1,316 bytes, each
 * with its number in front, about 400 a second (4 Mb/s).
 */
final class TransmitPublisher implements AutoCloseable {

    private static final long PAUSE_NS = 2_500_000;

    private final Process process;
    private final Thread feeder;
    private volatile boolean over;

    private TransmitPublisher(Process process) {
        this.process = process;
        this.feeder = Thread.ofPlatform().name("feeder").start(this::feed);
    }

    /** Calls a listener; {@code options} are further ones of its URL, each with `&` in front. */
    static TransmitPublisher start(InetSocketAddress to, String streamId, String options)
            throws IOException {
        return new TransmitPublisher(
                new ProcessBuilder(
                                "srt-live-transmit",
                                "-q",
                                "-a:no",
                                "-chunk:1316",
                                "file://con",
                                "srt://127.0.0.1:"
                                        + to.getPort()
                                        + "?mode=caller&streamid="
                                        + streamId
                                        + options)
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
