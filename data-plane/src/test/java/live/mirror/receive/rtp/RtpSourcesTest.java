package live.mirror.receive.rtp;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.rtp.WireBytes;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.util.Map;
import java.util.stream.LongStream;

/** Sources that come, go and come back at the shared port, one or many at a time. */
class RtpSourcesTest {

    private static final int SSRC = 77;
    private static final StreamId STREAM = new StreamId("rtp_77");

    private final StartedReceiver rtp = new StartedReceiver(Map.of());
    private final RtpReceiver receiver = rtp.receiver();
    private final FakeAdmission admission = rtp.admission;

    @AfterEach
    void stop() {
        rtp.close();
    }

    /** The session that said goodbye takes a moment to end; no packet falls into that moment. */
    @Test
    void whoSaysGoodbyeAndIsBackAtOnceLosesNothing() {
        int lives = 40;
        int packets = 50;
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            for (int life = 0; life < lives; life++) {
                long first = 2 + (long) life * packets;
                // The last may have come alone after the end, and be in probation until the next.
                subscriber.awaitPayloads((int) first - 1);
                sender.send(
                        wire(
                                "80 c9 00 01 00 00 00 4d | receiver report without blocks",
                                "81 cb 00 01 00 00 00 4d | BYE of this SSRC"));
                LongStream.range(first, first + packets).forEach(sender::send);
            }
            int sent = 2 + lives * packets;
            sender.send(sent);
            subscriber.awaitPayloads(sent);
            assertThat(subscriber.numbers().subList(0, sent))
                    .containsExactlyElementsOf(LongStream.range(0, sent).boxed().toList());
            assertThat(subscriber.lost()).isZero();
            assertThat(subscriber.epochChanges()).isPositive();
        }
    }

    /** Were each to push out the one that waits longest, none would ever end its probation. */
    @Test
    void manySourcesThatTakeTurnsAreEachAskedAboutOnce() {
        int sources = 600;
        for (int ssrc = 1; ssrc <= sources; ssrc++) {
            admission.refuseAtGate("rtp_" + ssrc, Reason.REASON_CAPACITY);
        }
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            int[] round = {0};
            Waiting.until(
                    "all are asked about",
                    () -> {
                        for (int ssrc = 1; ssrc <= sources; ssrc++) {
                            sender.send(packet(ssrc, round[0]));
                        }
                        round[0]++;
                        return admission.askedCount() == sources;
                    });
            for (int ssrc = 1; ssrc <= sources; ssrc++) {
                sender.send(packet(ssrc, round[0]));
            }
            long sent = (long) sources * (round[0] + 1);
            Waiting.until("all are received", () -> receiver.counters().datagrams() == sent);
            assertThat(admission.askedCount()).isEqualTo(sources);
            assertThat(receiver.counters().refused()).isGreaterThanOrEqualTo(sources);
        }
    }

    private static byte[] packet(int ssrc, int number) {
        return WireBytes.rtp(33, number, 0, ssrc, new byte[188]);
    }
}
