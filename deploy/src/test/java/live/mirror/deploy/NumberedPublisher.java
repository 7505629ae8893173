package live.mirror.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A real SRT publisher (srt-live-transmit) that is fed with numbered MPEG-TS packets at a steady
 * rate. Every byte follows from the packet's number, so that a receiver can check each one: see
 * {@link Ledger}.
 */
final class NumberedPublisher implements AutoCloseable {

    static final int TS_PACKET_BYTES = 188;
    static final int DATAGRAM_BYTES = 7 * TS_PACKET_BYTES;

    private final Process process;
    private final AtomicLong sentDatagrams = new AtomicLong();
    private volatile boolean closing;

    /** Publishes to an SRT port at so many kilobits per second, from this packet number on. */
    NumberedPublisher(int port, String streamId, int kbps, long firstNumber) throws IOException {
        process = caller(port, streamId, true);
        Thread.ofPlatform()
                .daemon()
                .name("publisher " + streamId)
                .start(() -> feed(kbps, firstNumber));
    }

    /** Starts srt-live-transmit from standard input to an SRT port, as any user would. */
    static Process caller(int port, String streamId, boolean quiet) throws IOException {
        String uri =
                "srt://127.0.0.1:"
                        + port
                        + "?mode=caller&latency=120"
                        + (streamId.isEmpty()
                                ? ""
                                : "&streamid="
                                        + java.net.URLEncoder.encode(
                                                streamId, StandardCharsets.UTF_8));
        ProcessBuilder builder =
                new ProcessBuilder(
                        "srt-live-transmit",
                        "-chunk:" + DATAGRAM_BYTES,
                        "-a:no",
                        "-loglevel:error",
                        "file://con",
                        uri);
        return (quiet
                        ? builder.redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                        : builder.redirectErrorStream(true))
                .start();
    }

    /** Datagrams handed to the sender so far. */
    long sentDatagrams() {
        return sentDatagrams.get();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as kill -9 does: the receiver hears nothing. */
    void kill() throws InterruptedException {
        closing = true;
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws InterruptedException {
        closing = true;
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }

    /** The TS packet of this number. */
    static void packet(long number, ByteBuffer into) {
        int start = into.position();
        // ISO/IEC 13818-1, 2.4.3.2: sync byte, PID 0x100, payload only, continuity counter.
        into.put((byte) 0x47)
                .put((byte) 0x01)
                .put((byte) 0x00)
                .put((byte) (0x10 | (number & 0x0f)));
        into.putLong(number);
        while (into.position() < start + TS_PACKET_BYTES) {
            into.put((byte) (number * 31 + into.position() - start));
        }
    }

    private void feed(int kbps, long firstNumber) {
        long intervalNs = DATAGRAM_BYTES * 8L * 1_000_000 / kbps;
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM_BYTES);
        long number = firstNumber;
        long startNs = System.nanoTime();
        try (OutputStream out = process.getOutputStream()) {
            for (long sent = 0; !closing; sent++) {
                datagram.clear();
                for (int i = 0; i < 7; i++) {
                    packet(number++, datagram);
                }
                out.write(datagram.array());
                out.flush();
                sentDatagrams.incrementAndGet();
                LockSupport.parkNanos(startNs + sent * intervalNs - System.nanoTime());
            }
        } catch (IOException e) {
            // The sender is gone; whoever waits for media notices.
            closing = true;
        }
    }
}
