package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.stream.Definition.Srt;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamState;
import live.mirror.v1.SrtStats;

import org.junit.jupiter.api.Test;

import java.text.MessageFormat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What settings and definitions lay down about a connection, seen at the connection. */
class DefinedConnectionTest {

    private static ReceiverFixture fixture(Map<String, String> settings, Srt laidDown) {
        ReceiverFixture fixture = new ReceiverFixture(settings);
        fixture.define("cam1", laidDown);
        return fixture;
    }

    @Test
    void aPublisherThatFallsSilentIsLostAfterItsOwnTime() throws Exception {
        try (ReceiverFixture fixture =
                        fixture(Map.of("srt.peer-idle", "30s"), idleAndReorder(6_000, 0));
                LossyLink link = new LossyLink(fixture.receiver.address(), 0);
                SrtCaller caller = SrtCaller.connect(link.address(), "cam1")) {
            fixture.expectDelivery(caller, "cam1", 50);
            LiveStream stream = fixture.awaitStream("cam1");
            long cutNs = System.nanoTime();
            link.cut();
            Waiting.until("it is lost", () -> stream.state() instanceof StreamState.Reconnecting);
            assertThat(Duration.ofNanos(System.nanoTime() - cutNs))
                    .isBetween(Duration.ofMillis(5_500), Duration.ofMillis(7_500));
        }
    }

    @Test
    void packetsOutOfOrderWithinItsToleranceAreNotAskedForAgain() throws Exception {
        SrtStats strict = statsUnderDisorder(idleAndReorder(0, 0));
        SrtStats tolerant = statsUnderDisorder(idleAndReorder(0, 100));
        assertThat(strict.getSentNaks()).isGreaterThan(20);
        assertThat(tolerant.getSentNaks()).isLessThan(strict.getSentNaks() / 4);
    }

    @Test
    void aBufferTooSmallForBitrateAndLatencyIsToldWithTheRightSize() {
        List<String> told = new CopyOnWriteArrayList<>();
        Handler handler = new Told(told);
        Logger logger = Logger.getLogger(FiguresReporter.class.getName());
        logger.addHandler(handler);
        try (ReceiverFixture fixture =
                        new ReceiverFixture(
                                Map.of("srt.receive-buffer", "128KiB", "srt.flow-window", "256"));
                SrtCaller caller = fixture.call(new SrtCaller.Options("cam1").latency(1_000))) {
            // 1,316 bytes each 2 ms are 5.3 Mb/s, and a second of them 400 packets.
            byte[] message = ReceiverFixture.messages(1, 1)[0];
            Waiting.until(
                    "the warning",
                    () -> {
                        caller.send(message);
                        return !told.isEmpty();
                    });
        } finally {
            logger.removeHandler(handler);
        }
        Matcher warning =
                Pattern.compile(
                                "cam1: ([0-9]+) kb/s with a latency of 1000 ms need"
                                    + " srt.receive-buffer=([0-9]+) and srt.flow-window=([0-9]+) at"
                                    + " least, or an expectedKbps of ([0-9]+) in its definition;"
                                    + " the buffer has ([0-9]+) bytes")
                        .matcher(told.getFirst());
        assertThat(warning.matches()).as(told.getFirst()).isTrue();
        long kbps = Long.parseLong(warning.group(1));
        long packets = Long.parseLong(warning.group(3));
        // The round trip on loopback adds next to nothing.
        assertThat(packets * 1_316 * 8.0 / kbps).isBetween(1_000.0, 1_010.0);
        assertThat(Long.parseLong(warning.group(2)))
                .isEqualTo(packets * 1_472)
                .isGreaterThan(Long.parseLong(warning.group(5)));
    }

    @Test
    void theBitrateToExpectDecidesHowLargeAConnectionIs() {
        // 2 x 80 Mb/s x (120 + 500 / 2) ms, in payloads of 1,316 bytes that count 1,472 each.
        long bytes = 5_624L * 1_472;
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.input-bandwidth", "80000"));
                SrtCaller caller = fixture.call("cam1")) {
            fixture.expectDelivery(caller, "cam1", 50);
            assertThat(bufferBytes(fixture.awaitStream("cam1")))
                    .isBetween(bytes * 97 / 100, bytes * 103 / 100);
        }
    }

    private static long bufferBytes(LiveStream stream) {
        Waiting.until(
                "its figures",
                () -> stream.sample(System.nanoTime()).getSrt().getFreeBufferBytes() > 0);
        SrtStats stats = stream.sample(System.nanoTime()).getSrt();
        return (long) stats.getFreeBufferBytes() + stats.getBufferedBytes();
    }

    /** Keeps what is logged. */
    private static final class Told extends Handler {
        private final List<String> told;

        Told(List<String> told) {
            this.told = told;
        }

        @Override
        public void publish(LogRecord logged) {
            told.add(MessageFormat.format(logged.getMessage(), logged.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    private static Srt idleAndReorder(int peerIdleMs, int reorderPackets) {
        return new Srt("", 0, 0, 0, false, peerIdleMs, reorderPackets, "", 0);
    }

    private static SrtStats statsUnderDisorder(Srt laidDown) throws Exception {
        try (ReceiverFixture fixture = fixture(Map.of(), laidDown);
                LossyLink link = new LossyLink(fixture.receiver.address(), 0);
                SrtCaller caller = SrtCaller.connect(link.address(), "cam1")) {
            link.disorder(20);
            LiveStream stream = fixture.awaitStream("cam1");
            for (byte[] message : ReceiverFixture.messages(1_000, 1)) {
                caller.send(message);
                LockSupport.parkNanos(500_000);
            }
            caller.awaitSent();
            Waiting.until(
                    "all is counted",
                    () -> stream.sample(System.nanoTime()).getSrt().getUniquePackets() == 1_000);
            return stream.sample(System.nanoTime()).getSrt();
        }
    }
}
