package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertThrows;

import live.mirror.contract.StreamId;
import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.ring.Batch;
import live.mirror.ring.RingReader;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;
import live.mirror.stream.StreamState;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** The receiver with real libsrt callers on loopback. */
class SrtReceiverTest {

    private static final int MESSAGE_BYTES = 1_316;

    private final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(4), 4 << 20, 64 << 20),
                    InstantSource.system());
    private final FakeAdmission admission = new FakeAdmission(streams);
    private final Definitions definitions = new Definitions();
    private final Refusals refusals = new Refusals();
    private SrtReceiver receiver = start(Map.of());

    private SrtReceiver start(Map<String, String> more) {
        Map<String, String> values = new HashMap<>(Map.of("srt.listen", "127.0.0.1:0"));
        values.putAll(more);
        return SrtReceiver.start(
                SrtSettings.read(new SettingsReader(values)),
                LibSrt.open(""),
                admission,
                streams,
                definitions,
                new Pulls(),
                refusals,
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    @Test
    void everyByteOfAPublisherReachesItsRingInOrder() {
        byte[][] messages = messages(500);
        try (SrtCaller caller =
                SrtCaller.connect(receiver.address(), "#!::r=live/cam1,m=publish")) {
            LiveStream stream = awaitStream("live/cam1");
            RingReader reader = stream.ring().reader(() -> {});
            for (byte[] message : messages) {
                caller.send(message);
            }
            assertThat(read(reader, messages.length * MESSAGE_BYTES))
                    .isEqualTo(concatenated(messages));
            assertThat(stream.state()).isInstanceOf(StreamState.Active.class);
        }
    }

    @Test
    void aPublisherThatClosesLeavesItsStreamReconnecting() {
        LiveStream stream;
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            stream = awaitStream("cam1");
            caller.send(new byte[MESSAGE_BYTES]);
            Waiting.until("active", () -> stream.state() instanceof StreamState.Active);
        }
        Waiting.until("reconnecting", () -> stream.state() instanceof StreamState.Reconnecting);
        Waiting.until("session gone", () -> receiver.sessions() == 0);
        assertThat(stream.metadata().getPublisher()).startsWith("SRT 1.");
    }

    @Test
    void aPublisherThatComesBackGoesOnInTheSameRingWithTheNextEpoch() {
        LiveStream stream;
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            stream = awaitStream("cam1");
            assertThat(caller.connected()).isTrue();
        }
        Waiting.until("reconnecting", () -> stream.state() instanceof StreamState.Reconnecting);
        try (SrtCaller again = SrtCaller.connect(receiver.address(), "cam1")) {
            RingReader reader = stream.ring().reader(() -> {});
            again.send(new byte[MESSAGE_BYTES]);
            assertThat(read(reader, MESSAGE_BYTES)).hasSize(MESSAGE_BYTES);
            assertThat(stream.state()).isEqualTo(new StreamState.Active(2));
        }
    }

    @Test
    void refusalsCarryTheirCodeToTheCaller() {
        admission.refuseAtGate("taken", Reason.REASON_ALREADY_PUBLISHING);
        admission.refuseAtGate("full", Reason.REASON_CAPACITY);
        assertThat(rejectReason("taken")).isEqualTo(1409);
        assertThat(rejectReason("full")).isEqualTo(1402);
        assertThat(rejectReason("no spaces")).isEqualTo(1400);
        assertThat(rejectReason("")).isEqualTo(1400);
        assertThat(rejectReason("#!::r=cam1,m=request")).isEqualTo(1405);
        receiver.drain();
        assertThat(rejectReason("cam1")).isEqualTo(1503);
        assertThat(refusals.total()).isEqualTo(6);
        assertThat(streams.count()).isZero();
    }

    @Test
    void aRejectedClaimEndsTheConnection() {
        admission.refuseClaim("cam1", Reason.REASON_CAPACITY);
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            Waiting.until("closed by the receiver", () -> !caller.connected());
        }
        assertThat(streams.count()).isZero();
    }

    @Test
    void whatAPublisherSentRightBeforeItClosedArrives() {
        byte[][] messages = messages(300);
        LiveStream stream;
        RingReader reader;
        try (SrtCaller caller =
                SrtCaller.connect(
                        receiver.address(), new SrtCaller.Options("cam1").latency(1_500))) {
            stream = awaitStream("cam1");
            reader = stream.ring().reader(() -> {});
            for (byte[] message : messages) {
                caller.send(message);
            }
            caller.awaitSent();
        }
        assertThat(read(reader, messages.length * MESSAGE_BYTES)).isEqualTo(concatenated(messages));
        assertThat(stream.state().epoch()).isOne();
    }

    @Test
    void aSecondPublisherOfALiveStreamIsRefused() {
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            LiveStream stream = awaitStream("cam1");
            long untilNs = System.nanoTime() + Duration.ofSeconds(1).toNanos();
            Waiting.until(
                    "a second of media",
                    () -> {
                        caller.send(new byte[MESSAGE_BYTES]);
                        return System.nanoTime() - untilNs > 0;
                    });
            assertThat(rejectReason("cam1")).isEqualTo(1409);
            assertThat(stream.state()).isEqualTo(new StreamState.Active(1));
        }
    }

    @Test
    void aPublisherTakesThePlaceOfOneThatIsSilentForASecond() {
        try (SrtCaller silent = SrtCaller.connect(receiver.address(), "cam1")) {
            LiveStream stream = awaitStream("cam1");
            RingReader reader = stream.ring().reader(() -> {});
            Waiting.until("it is there", stream::hasPublisher);
            Waiting.until("the place is free", () -> stream.isFree(System.nanoTime()));
            try (SrtCaller newcomer = SrtCaller.connect(receiver.address(), "cam1")) {
                newcomer.send(new byte[MESSAGE_BYTES]);
                assertThat(read(reader, MESSAGE_BYTES)).hasSize(MESSAGE_BYTES);
                assertThat(stream.state()).isEqualTo(new StreamState.Active(2));
            }
            Waiting.until("the silent one is closed", () -> !silent.connected());
        }
    }

    @Test
    void anEndedStreamClosesItsPublisher() {
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            LiveStream stream = awaitStream("cam1");
            stream.end(Reason.REASON_STOPPED_BY_OPERATOR);
            Waiting.until("closed by the receiver", () -> !caller.connected());
            assertThat(streams.count()).isZero();
        }
    }

    @Test
    void theTransportsFiguresReachTheStream() {
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            LiveStream stream = awaitStream("cam1");
            caller.send(new byte[MESSAGE_BYTES]);
            Waiting.until(
                    "figures",
                    () ->
                            stream.sample(System.nanoTime()).getRttMs() > 0
                                    && stream.stats().getPackets() > 0);
            assertThat(stream.stats().getBytes()).isEqualTo(MESSAGE_BYTES);
            assertThat(stream.stats().getPackets()).isOne();
        }
    }

    @Test
    void closingWithALivePublisherIsQuickAndGivesEverythingBack() {
        try (SrtCaller caller = SrtCaller.connect(receiver.address(), "cam1")) {
            awaitStream("cam1");
            long beganNs = System.nanoTime();
            receiver.close();
            assertThat(Duration.ofNanos(System.nanoTime() - beganNs))
                    .isLessThan(Duration.ofSeconds(2));
            assertThat(caller.connected()).isFalse();
        }
        receiver = start(Map.of());
    }

    private int rejectReason(String streamId) {
        SrtCaller.Options options = new SrtCaller.Options(streamId);
        return assertThrows(
                        SrtException.class, () -> SrtCaller.connect(receiver.address(), options))
                .rejectReason();
    }

    private LiveStream awaitStream(String id) {
        Waiting.until("stream " + id, () -> streams.find(new StreamId(id)).isPresent());
        Optional<LiveStream> stream = streams.find(new StreamId(id));
        return stream.orElseThrow();
    }

    private static byte[][] messages(int count) {
        Random random = new Random(7);
        byte[][] messages = new byte[count][MESSAGE_BYTES];
        for (byte[] message : messages) {
            random.nextBytes(message);
        }
        return messages;
    }

    private static byte[] concatenated(byte[][] messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    private static byte[] read(RingReader reader, int bytes) {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Batch batch = new Batch(65_536);
        Waiting.until(
                bytes + " bytes",
                () -> {
                    RingReader.Result result = reader.read(batch, 65_536);
                    assertThat(result).isNotEqualTo(RingReader.Result.LAPPED);
                    got.write(batch.bytes(), 0, batch.length());
                    return got.size() >= bytes;
                });
        return got.toByteArray();
    }
}
