package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;
import live.mirror.stream.StreamState;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** An encoder that is a process of its own, killed without a word and started again. */
class KilledPublisherTest {

    private final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(4), 4 << 20, 64 << 20),
                    InstantSource.system());
    private final SrtReceiver receiver =
            SrtReceiver.start(
                    SrtSettings.read(new SettingsReader(Map.of("srt.listen", "127.0.0.1:0"))),
                    LibSrt.open(""),
                    new FakeAdmission(streams),
                    streams,
                    new Definitions(),
                    new Pulls(),
                    new Refusals(),
                    InstantSource.system());

    @AfterEach
    void stop() {
        receiver.close();
    }

    /** SRT alone makes it wait 5 s. */
    @Test
    void aKilledPublisherGoesOnInTheSameSubscriptionWithinHalfASecondOfItsNewConnection()
            throws Exception {
        AtomicLong connectedNs = new AtomicLong();
        streams.addListener((stream, from, to, reason) -> {
            if (to instanceof StreamState.Connecting(long epoch) && epoch == 2) {
                connectedNs.set(System.nanoTime());
            }
        });
        try (FedPublisher first = FedPublisher.transmit(receiver.address(), "cam1", "")) {
            LiveStream stream = awaitStream();
            MessageLedger ledger = new MessageLedger(stream.ring().reader(() -> {}));
            Waiting.until(
                    "a second of media",
                    () -> {
                        ledger.read();
                        return ledger.messages() > 400;
                    });
            first.kill();
            try (FedPublisher _ = FedPublisher.transmit(receiver.address(), "cam1", "")) {
                Waiting.until(
                        "media of the second epoch",
                        Duration.ofSeconds(3),
                        () -> ledger.read() && ledger.epoch() == 2);
                long afterMs = (System.nanoTime() - connectedNs.get()) / 1_000_000;
                assertThat(afterMs).as("ms after the new connection").isLessThan(500);
                assertThat(ledger.missing()).isZero();
            }
        }
    }

    @Test
    void aKilledPublishersStreamWaitsForItWithinASecond() throws Exception {
        try (FfmpegPublisher first = FfmpegPublisher.start(receiver.address(), "cam1")) {
            LiveStream live = awaitStream();
            Waiting.until("active", () -> live.state() instanceof StreamState.Active);
            Waiting.until(
                    "a second of media", () -> live.sample(System.nanoTime()).getBytes() > 100_000);
            first.kill();
            Waiting.until(
                    "the loss is seen",
                    Duration.ofSeconds(1),
                    () -> live.state() instanceof StreamState.Reconnecting);
        }
    }

    @Test
    void aPublisherThatIsKilledAndComesBackAtOnceIsLetInAtOnce() throws IOException {
        try (FfmpegPublisher first = FfmpegPublisher.start(receiver.address(), "cam1")) {
            LiveStream stream = awaitStream();
            Waiting.until(
                    "a second of media",
                    () -> stream.sample(System.nanoTime()).getBytes() > 200_000);
            first.kill();
            assertThat(stream.isFree(System.nanoTime())).isTrue();
        }
    }

    private LiveStream awaitStream() {
        Waiting.until("stream", () -> streams.find(new StreamId("cam1")).isPresent());
        Optional<LiveStream> stream = streams.find(new StreamId("cam1"));
        return stream.orElseThrow();
    }
}
