package live.mirror.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import live.mirror.contract.StreamId;
import live.mirror.ring.RingReader;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RtpLegStats;
import live.mirror.v1.RtpStats;
import live.mirror.v1.StreamStatus;

import org.junit.jupiter.api.Test;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

class LiveStreamsTest {

    private static final StreamId CAM = new StreamId("cam1");
    private static final Offer OFFER =
            new Offer(CAM, Protocol.PROTOCOL_SRT, "127.0.0.1:4000", 0, "");

    private final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(4), 1 << 20, 1 << 22),
                    InstantSource.system());
    private final List<String> seen = new ArrayList<>();

    LiveStreamsTest() {
        streams.addListener((stream, from, to, reason) ->
                seen.add(to.status().name().substring(14) + " " + to.epoch()));
    }

    @Test
    void aStreamLivesThroughItsPublishersReturnWithTheSameRing() throws Exception {
        Ingest first = streams.begin(OFFER, admitted(1, Duration.ofSeconds(30)), _ -> {});
        LiveStream stream = streams.find(CAM).orElseThrow();
        send(first, 100);
        first.finish(Reason.REASON_PUBLISHER_LOST);
        assertThat(stream.state().status()).isEqualTo(StreamStatus.STREAM_STATUS_RECONNECTING);

        Ingest second = streams.begin(OFFER, admitted(2, Duration.ofSeconds(30)), _ -> {});
        send(second, 50);

        assertThat(second.stream()).isSameAs(stream);
        assertThat(stream.sample(0).getBytes()).isEqualTo(150);
        assertThat(seen)
                .containsExactly(
                        "CONNECTING 1", "ACTIVE 1", "RECONNECTING 1", "CONNECTING 2", "ACTIVE 2");
    }

    @Test
    void theLastFiguresReplaceThoseOfTheLastSample() throws Exception {
        Ingest session = streams.begin(OFFER, admitted(1, Duration.ofSeconds(30)), _ -> {});
        LiveStream stream = streams.find(CAM).orElseThrow();
        session.counters().rtp(leg(7));
        stream.sample(0);
        session.counters().rtp(leg(9));
        session.finish(Reason.REASON_PUBLISHER_LOST);
        assertThat(stream.stats().getRtp()).isEqualTo(leg(9));
    }

    private static RtpStats leg(long packets) {
        return RtpStats.newBuilder().addLegs(RtpLegStats.newBuilder().setPackets(packets)).build();
    }

    @Test
    void theStreamStopsWhenItsWindowIsOver() throws Exception {
        streams.begin(OFFER, admitted(1, Duration.ofSeconds(30)), _ -> {})
                .finish(Reason.REASON_PUBLISHER_LOST);
        streams.timePassed(System.nanoTime() + Duration.ofSeconds(31).toNanos());
        assertThat(streams.find(CAM)).isEmpty();
        assertThat(seen).last().isEqualTo("STOPPED 1");
    }

    @Test
    void aTakeoverWaitsUntilTheOldSessionHasPutItsPenDown() throws Exception {
        CompletableFuture<Reason> asked = new CompletableFuture<>();
        Ingest old = streams.begin(OFFER, admitted(1, Duration.ZERO), asked::complete);
        CompletableFuture<Ingest> next = new CompletableFuture<>();
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        next.complete(streams.begin(OFFER, admitted(2, Duration.ZERO), _ -> {}));
                    } catch (InterruptedException | RuntimeException e) {
                        next.completeExceptionally(e);
                    }
                });
        assertThat(asked.get(5, TimeUnit.SECONDS)).isEqualTo(Reason.REASON_TAKEN_OVER);
        assertThat(next).isNotDone();
        old.finish(Reason.REASON_TAKEN_OVER);
        assertThat(next.get(5, TimeUnit.SECONDS).stream()).isSameAs(old.stream());
        assertThat(seen).doesNotContain("STOPPED 1");
    }

    @Test
    void anOldEpochCanNotBegin() throws Exception {
        streams.begin(OFFER, admitted(5, Duration.ofSeconds(30)), _ -> {})
                .finish(Reason.REASON_PUBLISHER_LOST);
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> streams.begin(OFFER, admitted(4, Duration.ofSeconds(30)), _ -> {}));
    }

    @Test
    void anEndedStreamClosesItsSessionAndIsGone() throws Exception {
        List<Reason> closed = new ArrayList<>();
        Ingest ingest = streams.begin(OFFER, admitted(1, Duration.ofSeconds(30)), closed::add);
        streams.end(CAM, 2, Reason.REASON_FENCED);
        assertThat(closed).as("another epoch is not meant").isEmpty();
        streams.end(CAM, 1, Reason.REASON_STOPPED_BY_OPERATOR);
        ingest.finish(Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(closed).containsExactly(Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(streams.find(CAM)).isEmpty();
    }

    @Test
    void ringsHaveABoundAndCountUntilTheLastReaderHasGone() throws Exception {
        LiveStreams few =
                new LiveStreams(
                        new RingSizing(Duration.ofSeconds(4), 1 << 20, 1 << 22, 2 << 20),
                        InstantSource.system());
        StreamId other = new StreamId("cam2");
        Ingest ingest = few.begin(OFFER, admitted(1, Duration.ofSeconds(30)), _ -> {});
        assertThat(few.ringBytes()).isEqualTo(1 << 20);
        assertThat(few.hasRingFor(other, 0)).isTrue();
        assertThat(few.hasRingFor(other, 4_000)).as("2 MB for 4 s of 4 Mb/s").isFalse();
        assertThat(few.hasRingFor(CAM, 4_000)).as("has one").isTrue();
        RingReader slow = ingest.stream().ring().reader(() -> {});
        ingest.finish(Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(few.ringBytes()).isEqualTo(1 << 20);
        slow.close();
        assertThat(few.ringBytes()).isZero();
    }

    private static Decision.Admitted admitted(long epoch, Duration window) {
        return new Decision.Admitted(epoch, 1_000, window);
    }

    private static void send(Ingest ingest, int bytes) {
        ingest.ring().write(ByteBuffer.allocateDirect(bytes), ingest.epoch(), 0, 0);
        ingest.ring().publish();
        ingest.received(bytes, 1);
    }
}
