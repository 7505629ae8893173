package live.mirror.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A real SRT publisher (srt-live-transmit) that is fed with numbered MPEG-TS packets at a steady
 * rate. Every byte follows from the packet's number, so that a receiver can check each one: see
 * {@link Ledger}.
 */
final class NumberedPublisher implements AutoCloseable {

    static final int TS_PACKET_BYTES = 188;
    static final int DATAGRAM_BYTES = 7 * TS_PACKET_BYTES;

    private static final long CONNECT_LIMIT_NS = 2_000_000_000L;

    private final String uri;
    private final String name;
    private final boolean persistent;
    private final boolean listens;
    private volatile Process process;
    private volatile boolean connected;
    private volatile long calledNs;
    private volatile boolean closing;
    private long nextNumber;

    /** Publishes to an SRT port at so many kilobits per second, until it is refused or cut. */
    NumberedPublisher(int port, String streamId, int kbps) throws IOException {
        this(caller(port, streamId), streamId, kbps, false, false);
    }

    private NumberedPublisher(
            String uri, String name, int kbps, boolean persistent, boolean listens)
            throws IOException {
        this.uri = uri;
        this.name = name;
        this.persistent = persistent;
        this.listens = listens;
        process = started();
        Thread.ofPlatform().daemon().name("publisher " + name).start(() -> feed(kbps));
    }

    /**
     * Publishes, and comes back with the next number whenever it is refused or cut, as encoders do.
     */
    static NumberedPublisher persistent(int port, String streamId, int kbps) throws IOException {
        return new NumberedPublisher(caller(port, streamId), streamId, kbps, true, false);
    }

    /**
     * Waits at a port for whoever calls and sends to it, and waits for the next one when it is
     * gone. What nobody fetches is lost.
     */
    static NumberedPublisher listening(int port, int kbps) throws IOException {
        return new NumberedPublisher(
                "srt://127.0.0.1:" + port + "?mode=listener&latency=120",
                "at " + port,
                kbps,
                true,
                true);
    }

    private static String caller(int port, String streamId) {
        return "srt://127.0.0.1:"
                + port
                + "?mode=caller&latency=120&streamid="
                + URLEncoder.encode(streamId, StandardCharsets.UTF_8);
    }

    private Process started() throws IOException {
        connected = false;
        calledNs = System.nanoTime();
        Process started =
                new ProcessBuilder(
                                "srt-live-transmit",
                                "-chunk:" + DATAGRAM_BYTES,
                                "-a:no",
                                "-v",
                                "-loglevel:fatal",
                                "file://con",
                                uri)
                        .redirectErrorStream(true)
                        .start();
        Thread.ofVirtual().name("output " + name).start(() -> listen(started));
        return started;
    }

    private void listen(Process caller) {
        try (BufferedReader lines = caller.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (caller.equals(process) && line.contains("SRT target connected")) {
                    connected = true;
                }
            }
        } catch (IOException e) {
            // It was killed while it spoke.
            connected = false;
        }
    }

    /**
     * srt-live-transmit 1.5.1 misses a refusal that comes before it waits for one, and then throws
     * media away for ever.
     */
    private boolean missedItsRefusal() {
        return persistent
                && !listens
                && !connected
                && System.nanoTime() - calledNs > CONNECT_LIMIT_NS;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends it as kill -9 does: the receiver hears nothing. */
    synchronized void kill() throws InterruptedException {
        closing = true;
        process.destroyForcibly().waitFor();
    }

    @Override
    public synchronized void close() throws InterruptedException {
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

    private void feed(int kbps) {
        long intervalNs = DATAGRAM_BYTES * 8L * 1_000_000 / kbps;
        ByteBuffer datagram = ByteBuffer.allocate(DATAGRAM_BYTES);
        long nextNs = System.nanoTime();
        while (!closing) {
            datagram.clear();
            for (int i = 0; i < 7; i++) {
                packet(nextNumber++, datagram);
            }
            try {
                if (missedItsRefusal()) {
                    process.destroyForcibly();
                }
                process.getOutputStream().write(datagram.array());
                process.getOutputStream().flush();
            } catch (IOException e) {
                // The sender is gone; whoever waits for media notices, unless it comes back.
                comeBack();
            }
            nextNs += intervalNs;
            LockSupport.parkNanos(nextNs - System.nanoTime());
        }
    }

    private synchronized void comeBack() {
        try {
            if (persistent && !closing) {
                process.waitFor();
                process = started();
            } else {
                closing = true;
            }
        } catch (IOException e) {
            closing = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
