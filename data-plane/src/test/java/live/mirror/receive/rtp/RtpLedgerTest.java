package live.mirror.receive.rtp;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.ring.RecordFlags;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamState;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;

/** Every packet sent is delivered in order, or in a gap that is told: counted over whole lives. */
class RtpLedgerTest {

    private static final StreamId CAM = new StreamId("live/cam1");
    private static final int SSRC = 77;

    /** Packets between two restarts of the source. */
    private static final int LIFE = 1_500;

    private final StartedReceiver rtp = new StartedReceiver(Map.of());

    @AfterEach
    void stop() {
        rtp.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void overOneLeg(long seed) {
        InetSocketAddress port = FreePorts.find();
        rtp.define(RtpDefinition.onPort(CAM, new RtpLeg(port)));
        Random random = new Random(seed);
        long first = nearAWrap(random);
        long second = afterARestart(first, random);
        Set<Long> sent = new HashSet<>();
        try (RtpSender sender = new RtpSender(port, SSRC)) {
            for (long number : path(List.of(first, second), random)) {
                sender.send(number);
                sent.add(number);
            }
            Subscriber told = untilGoodbye(sender);
            assertThat(told.numbers()).isSorted().doesNotHaveDuplicates().isSubsetOf(sent);
            assertThat(told.payloads().size() + told.lost()).isEqualTo(2 * LIFE);
            assertThat(told.lost()).isGreaterThanOrEqualTo(2 * LIFE - sent.size());
            assertThat(told.flags() & RecordFlags.SOURCE_RESTART).isNotZero();
        }
    }

    /** Half of them so fast that the window is as long as a restart may be far. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void overTwoLegs(long seed) {
        InetSocketAddress first = FreePorts.find();
        InetSocketAddress second = FreePorts.find();
        rtp.define(
                new RtpDefinition(
                        CAM,
                        OptionalInt.empty(),
                        List.of(new RtpLeg(first), new RtpLeg(second)),
                        List.of(),
                        Map.of(),
                        false,
                        // A pause of this machine is no distance between the legs.
                        Optional.of(Duration.ofSeconds(8)),
                        RtpDefinition.MAX_SKEW,
                        seed % 2 * 690_000));
        Random random = new Random(seed);
        long life = nearAWrap(random);
        List<Long> lives = List.of(life, afterARestart(life, random));
        List<List<Long>> paths = List.of(path(lives, random), path(lives, random));
        int behind = random.nextInt(500);
        Set<Long> sent = new HashSet<>(paths.get(0));
        sent.addAll(paths.get(1));
        try (RtpSender a = new RtpSender(first, SSRC);
                RtpSender b = new RtpSender(second, SSRC)) {
            int longest = Math.max(paths.get(0).size(), paths.get(1).size() + behind);
            for (int i = 0; i < longest; i++) {
                send(a, paths.get(0), i);
                send(b, paths.get(1), i - behind);
            }
            a.send(GOODBYE);
            Subscriber told = untilGoodbye(b);
            assertThat(told.numbers())
                    .as("what either leg has brought")
                    .containsExactlyElementsOf(sent.stream().sorted().toList());
            assertThat(told.payloads().size() + told.lost()).isEqualTo(2 * LIFE);
            assertThat(told.flags() & RecordFlags.SOURCE_RESTART).isNotZero();
        }
    }

    @Test
    void aLastPacketThatJumpedIsDeliveredWhenNothingFollows() {
        try (RtpSender sender = begin()) {
            sender.send(20_000);
            Subscriber told = untilGoodbye(sender);
            assertThat(told.numbers()).hasSize(11).endsWith(9L, 20_000L);
            assertThat(told.flags() & RecordFlags.SOURCE_RESTART).isNotZero();
        }
    }

    @Test
    void aPacketFarFromAllOthersIsDroppedAndCounted() {
        try (RtpSender sender = begin()) {
            sender.send(30_000);
            sender.send(10);
            sender.send(60_000);
            Waiting.until("admitted", () -> !rtp.receiver().figures().isEmpty());
            RtpFigures figures = rtp.receiver().figures().getFirst();
            Subscriber told = untilGoodbye(sender);
            assertThat(told.numbers()).hasSize(11).endsWith(9L, 10L);
            assertThat(told.lost()).isZero();
            assertThat(figures.strayCount()).as("one ahead, one from long before").isEqualTo(2);
        }
    }

    private RtpSender begin() {
        InetSocketAddress port = FreePorts.find();
        rtp.define(RtpDefinition.onPort(CAM, new RtpLeg(port)));
        RtpSender sender = new RtpSender(port, SSRC);
        for (long number = 0; number < 10; number++) {
            sender.send(number);
        }
        return sender;
    }

    private static void send(RtpSender sender, List<Long> path, int index) {
        if (index >= 0 && index < path.size()) {
            sender.send(path.get(index));
        }
    }

    private static long nearAWrap(Random random) {
        return 2L * 65_536 - random.nextInt(2 * LIFE);
    }

    /** Far enough to be a jump, ahead or, on the wire, back. */
    private static long afterARestart(long first, Random random) {
        return first + LIFE + 3_000 + random.nextInt(62_000);
    }

    /**
     * What arrives of these lives by a bad path: lost, repeated and out of order, but for the
     * packets that a life begins and ends with, by which we know how many it had.
     */
    private static List<Long> path(List<Long> lives, Random random) {
        List<Long> all = new ArrayList<>();
        for (long first : lives) {
            List<Long> numbers = new ArrayList<>();
            for (long number = first; number < first + LIFE; number++) {
                boolean edge = number < first + 3 || number >= first + LIFE - 3;
                if (edge || random.nextInt(12) != 0) {
                    numbers.add(number);
                    if (!edge && random.nextInt(20) == 0) {
                        numbers.add(number);
                    }
                }
            }
            for (int i = 3; i < numbers.size() - 8; i += 5) {
                Collections.shuffle(numbers.subList(i, i + 5), random);
            }
            all.addAll(numbers);
        }
        return all;
    }

    private static final byte[] GOODBYE =
            wire(
                    "80 c9 00 01 00 00 00 4d | receiver report without blocks",
                    "81 cb 00 01 00 00 00 4d | BYE of this SSRC");

    /** Ends the session and reads all that it has left behind. */
    private Subscriber untilGoodbye(RtpSender sender) {
        LiveStream stream = rtp.await(CAM);
        sender.send(GOODBYE);
        Waiting.until("its end", () -> stream.state() instanceof StreamState.Reconnecting);
        return Subscriber.fromOldest(stream).read();
    }
}
