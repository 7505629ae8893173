package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import live.mirror.settings.SettingsReader;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/** The path of a packet makes no object, of an admitted source as well as of a refused one. */
class RtpAllocationTest {

    private static final int SSRC = 4000;
    private static final int PACKETS = 20_000;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FakeAdmission admission = new FakeAdmission();
    private long sent;

    @Test
    void receivingAllocatesNothingPerPacket() {
        try (RtpReceiver receiver = receiver();
                RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            assertThat(bytesPerPacket(receiver, sender)).isLessThan(1);
            assertThat(receiver.figures().getFirst().deliveredCount()).isEqualTo(sent);
        }
    }

    @Test
    void aRefusedSourceAllocatesNothingPerPacket() {
        admission.refuseAtGate("rtp_" + SSRC, Reason.REASON_CAPACITY);
        try (RtpReceiver receiver = receiver();
                RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            assertThat(bytesPerPacket(receiver, sender)).isLessThan(1);
            assertThat(receiver.counters().refused()).isGreaterThan(PACKETS);
        }
    }

    /** Of the tick thread, which walks the whole path, once everything has been called often. */
    private double bytesPerPacket(RtpReceiver receiver, RtpSender sender) {
        send(receiver, sender, PACKETS);
        long tick =
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("rtp-tick"))
                        .findFirst()
                        .orElseThrow()
                        .threadId();
        long before = THREADS.getThreadAllocatedBytes(tick);
        send(receiver, sender, PACKETS);
        return (double) (THREADS.getThreadAllocatedBytes(tick) - before) / PACKETS;
    }

    private void send(RtpReceiver receiver, RtpSender sender, int count) {
        for (int i = 0; i < count; i++) {
            sender.send(sent++);
            if (i % 1000 == 999) {
                Waiting.until("received", () -> receiver.counters().datagrams() == sent);
            }
        }
    }

    private RtpReceiver receiver() {
        RtpReceiver receiver =
                new RtpReceiver(
                        RtpSettings.read(new SettingsReader(Map.of("rtp.listen", "127.0.0.1:0"))),
                        new LiveStreams(
                                new RingSizing(Duration.ofSeconds(4), 16 << 20, 64 << 20),
                                InstantSource.system()),
                        admission,
                        new Definitions(),
                        new Refusals(),
                        InstantSource.system(),
                        RtpObserver.NONE);
        receiver.start();
        return receiver;
    }
}
