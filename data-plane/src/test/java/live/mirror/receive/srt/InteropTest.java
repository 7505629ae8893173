package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.stream.LiveStream;
import live.mirror.v1.SrtStats;
import live.mirror.v1.StreamStats;

import org.junit.jupiter.api.Test;

import java.util.Map;

/**
 * Encoders as they are, at a port with the packet filter on, over a link that loses one datagram of
 * fifty in either direction: nothing that they need may be filtered out.
 */
class InteropTest {

    private static final double LOSS = 0.02;
    private static final long MESSAGES = 1_500;

    @Test
    void srtLiveTransmitLosesNothingThroughLossAndKeyRefreshes() throws Exception {
        try (ReceiverFixture fixture =
                        new ReceiverFixture(
                                Map.of("srt.passphrase", "correct-horse", "srt.latency", "400ms"));
                LossyLink link = new LossyLink(fixture.receiver.address(), LOSS);
                FedPublisher _ =
                        FedPublisher.transmit(
                                link.address(),
                                "cam1",
                                // A new key each 400 messages, announced 150 before.
                                "&passphrase=correct-horse&pbkeylen=16&kmrefreshrate=400"
                                        + "&kmpreannounce=150")) {
            LiveStream stream = fixture.awaitStream("cam1");
            MessageLedger ledger = new MessageLedger(stream.ring().reader(() -> {}));
            Waiting.until(
                    MESSAGES + " messages",
                    () -> {
                        ledger.read();
                        return ledger.messages() >= MESSAGES;
                    });
            assertThat(ledger.missing()).isZero();
            assertThat(link.lost()).isPositive();
            assertThat(link.keyMessages()).as("new keys").isGreaterThan(2);
            SrtStats stats = stream.sample(System.nanoTime()).getSrt();
            assertThat(stats.getRetransmittedPackets()).as("of %s", stats).isPositive();
            assertThat(stats.getUndecryptedPackets() + stats.getDroppedPackets()).isZero();
            assertThat(fixture.receiver.droppedDatagrams()).isZero();
        }
    }

    @Test
    void gstreamerLosesNothingThroughLoss() throws Exception {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.latency", "400ms"));
                LossyLink link = new LossyLink(fixture.receiver.address(), LOSS);
                FedPublisher _ = FedPublisher.gstreamer(link.address(), "cam1")) {
            LiveStream stream = fixture.awaitStream("cam1");
            MessageLedger ledger = new MessageLedger(stream.ring().reader(() -> {}));
            Waiting.until(
                    "a retransmission and two seconds of media",
                    () -> {
                        ledger.read();
                        return ledger.messages() > 800
                                && stream.sample(System.nanoTime())
                                                .getSrt()
                                                .getRetransmittedPackets()
                                        > 0;
                    });
            assertThat(ledger.missing()).isZero();
            assertThat(fixture.receiver.droppedDatagrams()).isZero();
        }
    }

    @Test
    void ffmpegLosesNothingThroughLoss() throws Exception {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.latency", "400ms"));
                LossyLink link = new LossyLink(fixture.receiver.address(), LOSS);
                FfmpegPublisher publisher = FfmpegPublisher.start(link.address(), "cam1")) {
            LiveStream stream = fixture.awaitStream("cam1");
            Waiting.until(
                    "a retransmission and a second of media",
                    () -> {
                        StreamStats stats = stream.sample(System.nanoTime());
                        return stats.getBytes() > 100_000
                                && stats.getSrt().getRetransmittedPackets() > 0;
                    });
            assertThat(publisher.isAlive()).isTrue();
            assertThat(stream.sample(System.nanoTime()).getDroppedPackets()).isZero();
            assertThat(fixture.receiver.droppedDatagrams()).isZero();
        }
    }
}
