package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamState;
import live.mirror.v1.Protocol;
import live.mirror.v1.PullReport;
import live.mirror.v1.PullSource;

import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Streams that are fetched from remote listeners. */
class SrtPullTest {

    private static final String PASSPHRASE = "correct-horse";

    @Test
    void aRemoteListenerIsFetchedAgainAfterItsDeathUntilNobodyWantsIt() throws Exception {
        int port = FreePort.udp();
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.pulls.replace(List.of(pulled("cam1", port, 0)));
            LiveStream stream;
            try (FfmpegPublisher remote = FfmpegPublisher.listen(port, PASSPHRASE)) {
                stream = fixture.awaitStream("cam1");
                LiveStream live = stream;
                Waiting.until("media", () -> live.sample(System.nanoTime()).getBytes() > 50_000);
                assertThat(stream.metadata().getEncrypted()).isTrue();
                assertThat(stream.metadata().getSource()).isEqualTo("127.0.0.1:" + port);
                assertThat(report(fixture).getConnected()).isTrue();
                remote.kill();
                Waiting.until("lost", () -> live.state() instanceof StreamState.Reconnecting);
            }
            Waiting.until("a failed attempt", () -> report(fixture).getFailedAttempts() > 1);
            assertThat(report(fixture).getLastProblem()).isNotEmpty();
            LiveStream same = stream;
            try (FfmpegPublisher _ = FfmpegPublisher.listen(port, PASSPHRASE)) {
                Waiting.until(
                        "fetched again",
                        () ->
                                same.state() instanceof StreamState.Active
                                        && same.state().epoch() == 2);
                fixture.pulls.replace(List.of());
                Waiting.until("stopped", () -> same.state() instanceof StreamState.Stopped);
                Waiting.until("hung up", () -> fixture.receiver.sessions() == 0);
            }
        }
    }

    @Test
    void aSourceIsGivenUpAfterItsAttempts() throws Exception {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.pulls.replace(List.of(pulled("cam1", FreePort.udp(), 2)));
            Waiting.until("given up", () -> report(fixture).getGivenUp());
            assertThat(report(fixture).getFailedAttempts()).isEqualTo(2);
            assertThat(fixture.refusals.total()).isZero();
        }
    }

    @Test
    void aStreamThatIsFetchedTakesNoPublisher() throws Exception {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            fixture.definitions.replace(false, List.of(pulled("cam1", FreePort.udp(), 0)));
            assertThat(fixture.rejectReason("cam1")).isEqualTo(1403);
        }
    }

    @Test
    void pausesDoubleUpToTheirBoundAndAreDrawnFromTheWholeSpan() {
        PullSource source = PullSource.getDefaultInstance();
        for (int failures = 0; failures < 100; failures++) {
            int now = failures;
            List<Long> drawn =
                    new Random(failures)
                            .ints(500)
                            .mapToObj(seed -> PullPauses.nextMs(source, now, new Random(seed)))
                            .toList();
            long bound = Math.min(30_000, 500L << Math.clamp(failures - 1, 0, 20));
            assertThat(drawn).allMatch(ms -> ms >= 0 && ms <= bound);
            assertThat(drawn).anyMatch(ms -> ms > bound * 9 / 10).anyMatch(ms -> ms < bound / 10);
        }
    }

    private static PullReport report(ReceiverFixture fixture) {
        return fixture.pulls.reports().getFirst();
    }

    private static Definition pulled(String id, int port, int maxAttempts) {
        return new Definition(
                new StreamId(id),
                false,
                Protocol.PROTOCOL_SRT,
                "",
                Definition.Takeover.SILENT,
                2_000,
                new Definition.Srt(PASSPHRASE, 32, 0, 0, false),
                Optional.empty(),
                Optional.of(
                        PullSource.newBuilder()
                                .setHost("127.0.0.1")
                                .setPort(port)
                                .setBackoffMinMs(100)
                                .setBackoffMaxMs(1_000)
                                .setMaxAttempts(maxAttempts)
                                .build()));
    }
}
