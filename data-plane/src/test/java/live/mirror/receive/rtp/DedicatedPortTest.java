package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.receive.udp.Membership;
import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.WireBytes;
import live.mirror.rtp.fec.MatrixEncoder;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamState;
import live.mirror.v1.Protocol;
import live.mirror.v1.RtpIngest;
import live.mirror.v1.RtpIngestLeg;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Streams that definitions have named: by SSRC, on ports of their own, on two legs, with parity.
 */
class DedicatedPortTest {

    private static final StreamId CAM = new StreamId("live/cam1");
    private static final int SSRC = 77;

    private final StartedReceiver rtp =
            new StartedReceiver(Map.of("rtp.open", "false", "rtp.source-silence", "300ms"));
    private final RtpReceiver receiver = rtp.receiver();

    @AfterEach
    void stop() {
        rtp.close();
    }

    @Test
    void anSsrcIsMappedToItsStreamAndOthersAreNobody() {
        rtp.define(RtpDefinition.bySsrc(CAM, SSRC));
        try (RtpSender known = new RtpSender(receiver.address(), SSRC);
                RtpSender unknown = new RtpSender(receiver.address(), 5)) {
            for (long number = 0; number < 10; number++) {
                known.send(number);
                unknown.send(number);
            }
            Subscriber.fromOldest(rtp.await(CAM)).awaitPayloads(10);
            Waiting.until("refused", () -> receiver.counters().refused() == 8);
            assertThat(receiver.counters().unknown()).isEqualTo(1);
            assertThat(rtp.streams.count()).isEqualTo(1);
        }
    }

    @Test
    void aPortOfItsOwnTakesAnySourceAndClosesWithItsDefinition() {
        InetSocketAddress port = FreePorts.find();
        rtp.define(RtpDefinition.onPort(CAM, new RtpLeg(port)));
        try (RtpSender sender = new RtpSender(port, SSRC)) {
            sender.send(0);
            sender.send(1);
            LiveStream stream = rtp.await(CAM);
            Subscriber.fromOldest(stream).awaitPayloads(2);
            rtp.define();
            Waiting.until("stopped", () -> stream.state() instanceof StreamState.Stopped);
        }
        // The port is free again.
        rtp.define(RtpDefinition.onPort(CAM, new RtpLeg(port)));
    }

    @Test
    void dynamicTypesMeanWhatTheDefinitionSays() {
        InetSocketAddress port = FreePorts.find();
        rtp.define(
                RtpDefinition.onPort(CAM, new RtpLeg(port))
                        .withFormats(Map.of(98, new MediaFormat("MP2T", 90_000))));
        try (RtpSender sender = new RtpSender(port, SSRC)) {
            for (int number = 0; number < 3; number++) {
                sender.send(WireBytes.rtp(98, number, 0, SSRC, RtpSender.payload(number)));
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            subscriber.awaitPayloads(3);
            assertThat(subscriber.payloads().getFirst()).isEqualTo(RtpSender.payload(0));
        }
    }

    @Test
    void killingEitherLegLosesNothing() {
        InetSocketAddress first = FreePorts.find();
        InetSocketAddress second = FreePorts.find();
        rtp.define(
                RtpDefinition.onPort(CAM, new RtpLeg(first))
                        .withLegs(
                                List.of(new RtpLeg(first), new RtpLeg(second)),
                                Duration.ofMillis(200)));
        try (RtpSender a = new RtpSender(first, SSRC);
                RtpSender b = new RtpSender(second, SSRC)) {
            a.send(65_000);
            a.send(65_001);
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            for (long number = 65_002; number < 67_000; number++) {
                boolean aIsDead = number >= 65_500 && number < 66_000;
                boolean bIsDead = number >= 66_200 && number < 66_700;
                if (!aIsDead) {
                    a.send(number);
                }
                if (!bIsDead) {
                    b.send(number);
                }
            }
            subscriber.awaitPayloads(2000);
            assertThat(subscriber.lost()).isZero();
            assertThat(subscriber.numbers())
                    .containsExactlyElementsOf(LongStream.range(65_000, 67_000).boxed().toList());
            assertThat(subscriber.epochChanges()).isZero();
        }
        RtpFigures figures = receiver.figures().getFirst();
        receiver.close();
        assertThat(figures.leg(0).savedByOtherCount()).isEqualTo(500);
        // Two packets more: leg b began when its probation was over.
        assertThat(figures.leg(1).savedByOtherCount()).isBetween(500L, 504L);
    }

    @Test
    void parityRecoversWhatWasLost() {
        InetSocketAddress port = FreePorts.find();
        rtp.define(RtpDefinition.onPort(CAM, new RtpLeg(port)).withParity());
        Random random = new Random(5);
        int columns = 5;
        int rows = 4;
        long packets = 20;
        try (RtpSender media = new RtpSender(port, SSRC);
                RtpSender columnParity = new RtpSender(above(port, 2), SSRC)) {
            int lost = 0;
            long first = 65_520;
            for (long base = first; base < first + 400; base += packets) {
                long from = base;
                List<byte[]> matrix =
                        LongStream.range(from, from + packets).mapToObj(media::packet).toList();
                for (int column = 0; column < columns; column++) {
                    // One packet at most of each column, never one of the first two.
                    int hole = base == first ? -1 : random.nextInt(rows + 2);
                    for (int row = 0; row < rows; row++) {
                        lost += row == hole ? 1 : 0;
                    }
                    holes[column] = hole;
                }
                for (int i = 0; i < matrix.size(); i++) {
                    if (holes[i % columns] != i / columns) {
                        media.send(matrix.get(i));
                    }
                }
                for (int column = 0; column < columns; column++) {
                    columnParity.send(MatrixEncoder.column(matrix, columns, column));
                }
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            media.send(first + 400);
            media.send(first + 401);
            subscriber.awaitPackets(402);
            assertThat(subscriber.lost()).isZero();
            assertThat(subscriber.numbers())
                    .containsExactlyElementsOf(
                            LongStream.range(first, first + 402).boxed().toList());
            assertThat(receiver.figures().getFirst().recoveredCount()).isEqualTo(lost);
        }
    }

    private final int[] holes = new int[20];

    @Test
    void aMulticastGroupIsJoined() throws Exception {
        InetSocketAddress free = FreePorts.find();
        InetAddress group = InetAddress.ofLiteral("239.255.42.1");
        Membership membership = new Membership(group, "lo", List.of());
        Map<RtpDefinition, String> problems =
                receiver.define(
                        List.of(
                                RtpDefinition.onPort(
                                        CAM, RtpLeg.multicast(membership, free.getPort()))));
        assertThat(problems).isEmpty();
        try (RtpSender sender =
                RtpSender.multicast(
                        new InetSocketAddress(group, free.getPort()),
                        "lo",
                        InetAddress.getLoopbackAddress(),
                        SSRC)) {
            sender.send(0);
            sender.send(1);
            Subscriber.fromOldest(rtp.await(CAM)).awaitPayloads(2);
        }
    }

    @Test
    void ofASourceSpecificGroupOnlyTheWantedSenderIsHeard() throws Exception {
        InetSocketAddress free = FreePorts.find();
        InetAddress group = InetAddress.ofLiteral("232.1.42.1");
        InetAddress wanted = InetAddress.ofLiteral("127.0.0.2");
        rtp.define(
                RtpDefinition.onPort(
                        CAM,
                        RtpLeg.multicast(
                                new Membership(group, "lo", List.of(wanted)), free.getPort())));
        InetSocketAddress to = new InetSocketAddress(group, free.getPort());
        InetAddress other = InetAddress.ofLiteral("127.0.0.3");
        try (RtpSender stranger = RtpSender.multicast(to, "lo", other, 99);
                RtpSender sender = RtpSender.multicast(to, "lo", wanted, SSRC)) {
            for (long number = 0; number < 10; number++) {
                stranger.send(number);
                sender.send(number);
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            subscriber.awaitPayloads(10);
            assertThat(receiver.sockets().stream().mapToLong(UdpSocket::receivedCount).sum())
                    .as("the stranger's packets are the kernel's business")
                    .isEqualTo(10);
        }
    }

    @Test
    void packetsComeByIpVersion6() throws Exception {
        InetSocketAddress free = FreePorts.find();
        InetAddress loopback = InetAddress.ofLiteral("::1");
        InetSocketAddress port = new InetSocketAddress(loopback, free.getPort());
        rtp.define(
                new RtpDefinition(
                        CAM,
                        OptionalInt.of(SSRC),
                        List.of(new RtpLeg(port)),
                        List.of(loopback),
                        Map.of(),
                        false,
                        Optional.empty(),
                        Duration.ZERO,
                        0));
        try (RtpSender sender = new RtpSender(port, SSRC, loopback, 0)) {
            for (long number = 0; number < 10; number++) {
                sender.send(number);
            }
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            subscriber.awaitPayloads(10);
            assertThat(rtp.await(CAM).metadata().getSource())
                    .isEqualTo("[0:0:0:0:0:0:0:1]:" + sender.localPort());
        }
    }

    @Test
    void aPortThatCantBeHadIsToldAndTheOthersAreOpened() throws IOException {
        InetSocketAddress free = FreePorts.find();
        try (DatagramSocket taken = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            RtpDefinition bad =
                    RtpDefinition.onPort(
                            CAM, new RtpLeg((InetSocketAddress) taken.getLocalSocketAddress()));
            RtpDefinition good = RtpDefinition.onPort(new StreamId("live/cam2"), new RtpLeg(free));
            assertThat(receiver.define(List.of(bad, good))).containsOnlyKeys(bad);
        }
        try (RtpSender sender = new RtpSender(free, SSRC)) {
            sender.send(0);
            sender.send(1);
            rtp.await(new StreamId("live/cam2"));
        }
    }

    @Test
    void whatAnOperatorHasLaidDownOpensAPortAsSoonAsItIsFree() throws IOException {
        InetSocketAddress port = FreePorts.find();
        RtpIngest ingest =
                RtpIngest.newBuilder()
                        .addLegs(
                                RtpIngestLeg.newBuilder()
                                        .setAddress("127.0.0.1")
                                        .setPort(port.getPort()))
                        .setSdp(
                                """
                                v=0
                                m=video 5004 RTP/AVP 98
                                a=rtpmap:98 MP2T/90000
                                """)
                        .build();
        Definitions definitions = new Definitions();
        try (HeardLog log = new HeardLog(RtpDefinitions.class);
                DatagramSocket taken = new DatagramSocket(port);
                RtpDefinitions follower = new RtpDefinitions(receiver, "w1");
                RtpSender sender = new RtpSender(port, SSRC)) {
            definitions.addListener(follower::take);
            definitions.replace(
                    false,
                    List.of(
                            new Definition(
                                    CAM,
                                    false,
                                    Protocol.PROTOCOL_UNSPECIFIED,
                                    "",
                                    Definition.Takeover.SILENT,
                                    0,
                                    Definition.Srt.DEFAULT,
                                    Optional.of(ingest),
                                    Optional.empty())));
            Waiting.until("told", () -> !log.lines().isEmpty());
            taken.close();
            Waiting.until("open", () -> receiver.sockets().size() == 4);
            assertThat(log.lines()).singleElement().asString().contains("no RTP port for now");
            sender.send(WireBytes.rtp(98, 0, 0, SSRC, RtpSender.payload(0)));
            sender.send(WireBytes.rtp(98, 1, 0, SSRC, RtpSender.payload(1)));
            Subscriber subscriber = Subscriber.fromOldest(rtp.await(CAM));
            subscriber.awaitPayloads(2);
            assertThat(subscriber.numbers()).containsExactly(0L, 1L);
            definitions.replace(false, List.of());
            Waiting.until("closed", () -> receiver.sockets().size() == 2);
        }
    }

    private static InetSocketAddress above(InetSocketAddress port, int distance) {
        return new InetSocketAddress(port.getAddress(), port.getPort() + distance);
    }
}
