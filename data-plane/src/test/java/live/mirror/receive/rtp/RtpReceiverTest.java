package live.mirror.receive.rtp;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.ring.RecordFlags;
import live.mirror.rtp.BigEndian;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.WireBytes;
import live.mirror.stream.Definition;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamState;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;

/** The shared port with senders on loopback. */
class RtpReceiverTest {

    private static final int SSRC = Integer.parseUnsignedInt("4000000000");
    private static final StreamId STREAM = new StreamId("rtp_4000000000");

    private StartedReceiver rtp = new StartedReceiver(Map.of());
    private RtpReceiver receiver = rtp.receiver();

    /** Before anything is received. */
    private void restart(Map<String, String> settings) {
        rtp.close();
        rtp = new StartedReceiver(settings);
        receiver = rtp.receiver();
    }

    @AfterEach
    void stop() {
        rtp.close();
    }

    @Test
    void aSourceBecomesAStreamNamedByItsSsrcAndEveryByteArrives() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            for (long number = 65_000; number < 66_000; number++) {
                sender.send(number);
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPayloads(1000);
            assertThat(subscriber.numbers())
                    .containsExactlyElementsOf(LongStream.range(65_000, 66_000).boxed().toList());
            assertThat(subscriber.payloads().getFirst()).isEqualTo(RtpSender.payload(65_000));
            assertThat(subscriber.lost()).isZero();
            assertThat(rtp.await(STREAM).metadata().getContainer()).isEqualTo("mpegts");
        }
    }

    @Test
    void packetsThatCameBeforeTheDecisionAreKept() {
        CountDownLatch decision = rtp.admission.holdClaims();
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            for (long number = 0; number < 3000; number++) {
                sender.send(number);
            }
            Waiting.until("all are received", () -> receiver.counters().datagrams() == 3000);
            decision.countDown();
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPayloads(3000);
            assertThat(subscriber.lost()).isZero();
        }
    }

    @Test
    void aRefusedSourceCostsACounterAndIsAskedAboutOnceInAWhile() {
        rtp.admission.refuseAtGate(STREAM.value(), Reason.REASON_CAPACITY);
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            for (long number = 0; number < 500; number++) {
                sender.send(number);
            }
            Waiting.until("refused", () -> receiver.counters().refused() == 498);
            assertThat(rtp.admission.askedCount()).isEqualTo(1);
            assertThat(rtp.streams.count()).isZero();
        }
    }

    @Test
    void aStreamThatADefinitionKeepsFromRtpIsRefusedWithItsReason() {
        rtp.definitions.replace(
                false,
                List.of(
                        new Definition(
                                STREAM,
                                false,
                                Protocol.PROTOCOL_UNSPECIFIED,
                                "secret-key",
                                Definition.Takeover.SILENT,
                                0,
                                Definition.Srt.DEFAULT)));
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            Waiting.until("refused", () -> rtp.refusals.total() == 1);
            assertThat(rtp.refusals.take().getFirst().reason())
                    .isEqualTo(Reason.REASON_UNAUTHORIZED);
            assertThat(rtp.admission.askedCount()).isZero();
        }
    }

    @Test
    void aRejectedClaimIsTheSame() {
        rtp.admission.refuseClaim(STREAM.value(), Reason.REASON_CAPACITY);
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            Waiting.until("asked", () -> rtp.admission.askedCount() == 2);
            Waiting.until("ended", () -> receiver.sessionCount() == 0);
            for (long number = 2; number < 100; number++) {
                sender.send(number);
            }
            Waiting.until("refused", () -> receiver.counters().refused() == 98);
            assertThat(rtp.admission.askedCount()).isEqualTo(2);
        }
    }

    @Test
    void anotherAddressWithTheSameSsrcIsIgnored() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC);
                RtpSender spoofer = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPayloads(2);
            for (long number = 2; number < 50; number++) {
                spoofer.send(number);
            }
            Waiting.until("ignored", () -> receiver.counters().foreign() == 48);
            sender.send(2);
            subscriber.awaitPayloads(3);
            assertThat(subscriber.lost()).isZero();
        }
    }

    @Test
    void aSourceThatComesBackFromAnotherPortGoesOnAsTheNextEpoch() {
        restart(Map.of("rtp.source-silence", "200ms"));
        try (RtpSender before = new RtpSender(receiver.address(), SSRC);
                RtpSender after = new RtpSender(receiver.address(), SSRC)) {
            before.send(0);
            before.send(1);
            LiveStream stream = rtp.await(STREAM);
            Subscriber subscriber = Subscriber.fromOldest(stream);
            subscriber.awaitPayloads(2);
            long epoch = stream.state().epoch();
            long[] number = {100};
            Waiting.until(
                    "the next epoch",
                    () -> {
                        after.send(number[0]++);
                        return stream.state() instanceof StreamState.Active(long now)
                                && now > epoch;
                    });
            subscriber.awaitPayloads(4);
            assertThat(subscriber.epochChanges()).isEqualTo(1);
            assertThat(rtp.streams.find(STREAM)).containsSame(stream);
        }
    }

    @Test
    void goodbyeEndsTheSessionAndTheStreamWaits() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            LiveStream stream = rtp.await(STREAM);
            sender.send(
                    wire(
                            "80 c9 00 01 ee 6b 28 00 | receiver report without blocks",
                            "81 cb 00 01 ee 6b 28 00 | BYE of this SSRC"));
            Waiting.until("reconnecting", () -> stream.state() instanceof StreamState.Reconnecting);
            assertThat(Subscriber.fromOldest(stream).read().payloads()).hasSize(2);
        }
    }

    /**
     * Without a report before it, as RFC 5506 allows and some senders do without having read it.
     */
    @Test
    void aBareGoodbyeIsOneToo() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            LiveStream stream = rtp.await(STREAM);
            sender.send(wire("81 cb 00 01 ee 6b 28 00 | BYE of this SSRC"));
            Waiting.until("reconnecting", () -> stream.state() instanceof StreamState.Reconnecting);
        }
    }

    @Test
    void aStrangersGoodbyeIsIgnored() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC);
                RtpSender stranger = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            LiveStream stream = rtp.await(STREAM);
            stranger.send(wire("80 c9 00 01 ee 6b 28 00 81 cb 00 01 ee 6b 28 00"));
            Waiting.until("seen", () -> receiver.counters().rtcpUnknown() == 1);
            sender.send(2);
            Subscriber.fromOldest(stream).awaitPayloads(3);
            assertThat(stream.state()).isInstanceOf(StreamState.Active.class);
        }
    }

    @Test
    void anIdleSessionEndsWithinASecond() {
        restart(Map.of("rtp.idle", "1s"));
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            long sentNs = System.nanoTime();
            LiveStream stream = rtp.await(STREAM);
            Waiting.until("reconnecting", () -> stream.state() instanceof StreamState.Reconnecting);
            assertThat(Duration.ofNanos(System.nanoTime() - sentNs))
                    .isBetween(Duration.ofMillis(990), Duration.ofMillis(2000));
        }
    }

    @Test
    void reportsGoBackToTheSender() {
        restart(Map.of("rtp.rtcp-interval", "100ms"));
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC);
                RtpSender rtcp =
                        new RtpSender(
                                new InetSocketAddress(
                                        receiver.address().getAddress(),
                                        receiver.address().getPort() + 1),
                                SSRC,
                                sender.localPort() + 1)) {
            for (long number : new long[] {65_534, 65_535, 65_536, 65_539}) {
                sender.send(number);
            }
            rtp.await(STREAM);
            rtcp.send(
                    wire(
                            "80 c8 00 06 | sender report",
                            "ee 6b 28 00 | SSRC",
                            "e0 00 00 01 80 00 00 00 | NTP time",
                            "00 00 00 00 00 00 00 04 00 00 14 90"));
            byte[] report = rtcp.receive();
            if (BigEndian.i32(report, 24) == 0) {
                report = rtcp.receive();
            }
            assertThat(BigEndian.u16(report, 0)).isEqualTo(0x81c9);
            assertThat(BigEndian.i32(report, 8)).isEqualTo(SSRC);
            assertThat(BigEndian.u24(report, 13)).as("cumulative loss").isEqualTo(2);
            assertThat(BigEndian.i32(report, 16)).as("highest").isEqualTo(65_539);
            assertThat(BigEndian.i32(report, 24)).as("last report").isEqualTo(0x0001_8000);
            assertThat(BigEndian.u16(report, 32)).as("then a description").isEqualTo(0x81ca);
        }
    }

    @Test
    void whatIsNotTransportStreamKeepsItsHeadersAndEdges() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            byte[][] packets = {
                WireBytes.rtp(96, 1, 90, SSRC, new byte[] {0x65, 1}),
                WireBytes.rtp(96 | 0x80, 2, 90, SSRC, new byte[] {0x65, 2, 3}),
            };
            for (byte[] packet : packets) {
                sender.send(packet);
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPayloads(2);
            assertThat(subscriber.payloads()).containsExactly(packets);
            assertThat(subscriber.flags() & RecordFlags.EDGES).isNotZero();
            assertThat(rtp.await(STREAM).metadata().getContainer()).isEqualTo("rtp/h264");
        }
    }

    @Test
    void aPayloadThatIsNoTransportStreamIsToldAsLost() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            sender.send(WireBytes.rtp(33, 2, 0, SSRC, new byte[188 + 1]));
            sender.send(WireBytes.rtp(33, 3, 0, SSRC, new byte[188]));
            sender.send(4);
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPackets(5);
            assertThat(subscriber.numbers()).containsExactly(0L, 1L, 4L);
            assertThat(subscriber.lost()).isEqualTo(2);
            RtpFigures figures = receiver.figures().getFirst();
            assertThat(figures.faults().count(PacketFault.NOT_WHOLE_TS_PACKETS)).isEqualTo(2);
        }
    }

    /** The longest that UDP carries: whole, or counted, never cut off. */
    @Test
    void theLongestDatagramIsDeliveredWholeWhereItIsAllowed() {
        byte[] longest = WireBytes.rtp(96, 2, 0, SSRC, new byte[65_507 - 12]);
        longest[65_506] = 7;
        restart(Map.of("rtp.max-datagram", "64KiB"));
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(WireBytes.rtp(96, 0, 0, SSRC, new byte[10]));
            sender.send(WireBytes.rtp(96, 1, 0, SSRC, new byte[10]));
            sender.send(longest);
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(STREAM));
            subscriber.awaitPayloads(3);
            assertThat(subscriber.payloads().getLast()).isEqualTo(longest);
        }
        restart(Map.of());
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(longest);
            Waiting.until(
                    "counted", () -> receiver.counters().faults().count(PacketFault.OVERSIZE) == 1);
        }
    }

    @Test
    void garbageIsCountedByItsCause() {
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(new byte[3]);
            sender.send(new byte[100]);
            sender.send(new byte[60_000]);
            sender.send(wire("80 21 00 01 00 00 00 00 00 00"));
            sender.send(wire("bf 21 00 01 00 00 00 00 00 00 00 00"));
            sender.send(wire("bf 21 00 02 00 00 00 00 00 00 00 00"));
            PortCounters counters = receiver.counters();
            Waiting.until("all are received", () -> counters.datagrams() == 6);
            assertThat(counters.faults().count(PacketFault.TRUNCATED)).isEqualTo(2);
            assertThat(counters.faults().count(PacketFault.WRONG_VERSION)).isEqualTo(1);
            assertThat(counters.faults().count(PacketFault.OVERSIZE)).isEqualTo(1);
            assertThat(counters.faults().count(PacketFault.CSRC_OVERRUN)).isEqualTo(1);
            assertThat(rtp.streams.count()).isZero();
        }
    }

    @Test
    void aStreamStoppedByAnOperatorDoesNotComeBackByItself() {
        restart(Map.of("rtp.source-silence", "300ms"));
        try (RtpSender sender = new RtpSender(receiver.address(), SSRC)) {
            sender.send(0);
            sender.send(1);
            rtp.await(STREAM).end(Reason.REASON_STOPPED_BY_OPERATOR);
            Waiting.until("ended", () -> receiver.sessionCount() == 0);
            for (long number = 2; number < 100; number++) {
                sender.send(number);
            }
            Waiting.until("refused", () -> receiver.counters().refused() == 98);
            assertThat(rtp.streams.find(STREAM)).isEmpty();
        }
    }
}
