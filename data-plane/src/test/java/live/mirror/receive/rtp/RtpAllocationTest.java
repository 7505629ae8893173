package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import live.mirror.rtp.WireBytes;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.function.LongConsumer;

/** The path of a packet makes no object, of an admitted source as well as of a refused one. */
class RtpAllocationTest {

    private static final int SSRC = 4000;
    private static final int PACKETS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final StartedReceiver rtp = new StartedReceiver(Map.of());
    private final RtpReceiver receiver = rtp.receiver();
    private long sent;

    @AfterEach
    void stop() {
        rtp.close();
    }

    @Test
    void receivingAllocatesNothingPerPacket() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            assertThat(bytesPerPacket(sender::send)).isLessThan(1);
            assertThat(receiver.figures().getFirst().deliveredCount()).isEqualTo(sent);
        }
    }

    @Test
    void aRefusedSourceAllocatesNothingPerPacket() {
        rtp.admission.refuseAtGate("rtp_" + SSRC, Reason.REASON_CAPACITY);
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            assertThat(bytesPerPacket(sender::send)).isLessThan(1);
            assertThat(receiver.counters().refused()).isGreaterThan(PACKETS);
        }
    }

    /** A type is described when it is new, and a hostile source would have it new each time. */
    @Test
    void payloadTypesThatAlternateAllocateNothingPerPacket() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            byte[] media = RtpSender.payload(0);
            assertThat(
                            bytesPerPacket(number ->
                                    sender.send(
                                            WireBytes.rtp(
                                                    number % 2 == 0 ? 33 : 96,
                                                    (int) number & 0xffff,
                                                    0,
                                                    SSRC,
                                                    media))))
                    .isLessThan(1);
            assertThat(receiver.figures().getFirst().deliveredCount()).isEqualTo(sent);
        }
    }

    /** Of the tick thread, which walks the whole path, once everything has been called often. */
    private double bytesPerPacket(LongConsumer sender) {
        send(sender, PACKETS);
        long tick =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("rtp-tick"))
                        .findFirst()
                        .orElseThrow()
                        .threadId();
        long before = THREADS.getThreadAllocatedBytes(tick);
        send(sender, PACKETS);
        return (double) (THREADS.getThreadAllocatedBytes(tick) - before) / PACKETS;
    }

    private void send(LongConsumer sender, int count) {
        for (int i = 0; i < count; i++) {
            sender.accept(sent++);
            if (i % 1000 == 999) {
                Waiting.until("received", () -> receiver.counters().datagrams() == sent);
            }
        }
    }
}
