package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.ring.RecordFlags;
import live.mirror.stream.Ingest;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.PayloadKind;
import live.mirror.v1.Reason;
import live.mirror.v1.StartOldest;
import live.mirror.v1.StartRandomAccess;
import live.mirror.v1.StartResume;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;
import live.mirror.v1.SubscribeResponse.EventCase;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.time.Duration;
import java.util.Iterator;

@Timeout(90)
class DeliveryServerTest {

    private final DeliveryFixture fixture = new DeliveryFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void mediaArriveByteForByteWithTheirPlaceInTheStream() throws Exception {
        Ingest ingest = fixture.publish("cam1", 1);
        Iterator<SubscribeResponse> events = fixture.subscribe(live("cam1"));
        assertThat(events.next().getStarted().getEpoch()).isEqualTo(1);

        fixture.send(ingest, 1316, 0);
        Chunk chunk = nextOf(EventCase.CHUNK, events).getChunk();
        assertThat(chunk.getPosition()).isZero();
        assertThat(chunk.getPayload()).isEqualTo(DeliveryFixture.payload(1316, 0));
        assertThat(chunk.getArrivalUnixUs()).isEqualTo(DeliveryFixture.ARRIVAL_UNIX_US);
        fixture.send(ingest, 1000, 1);
        chunk = nextOf(EventCase.CHUNK, events).getChunk();
        assertThat(chunk.getPosition()).isEqualTo(1316);
        assertThat(chunk.getPacket()).isOne();
        assertThat(chunk.getPacketCount()).isOne();
        assertThat(chunk.getPayload()).isEqualTo(DeliveryFixture.payload(1000, 1));
        assertThat(chunk.getDatagramBytesList()).isEmpty();
    }

    @Test
    void aStalledSubscriberHarmsNobodyAndIsToldExactlyWhatItLost() throws Exception {
        Ingest ingest = fixture.publish("cam1", 1);
        Iterator<SubscribeResponse> stalled = fixture.subscribe(live("cam1"));
        Iterator<SubscribeResponse> healthy = fixture.subscribe(live("cam1"));
        assertThat(stalled.next().hasStarted()).isTrue();
        assertThat(healthy.next().hasStarted()).isTrue();

        int datagrams = 30_000;
        long healthyBytes = 0;
        int sent = 0;
        while (sent < datagrams) {
            fixture.send(ingest, 1316, sent++);
            if (sent % 50 == 0 || sent == datagrams) {
                while (healthyBytes < sent * 1316L) {
                    SubscribeResponse event = healthy.next();
                    assertThat(event.hasDiscontinuity()).isFalse();
                    healthyBytes += event.getChunk().getPayload().size();
                }
            }
        }
        fixture.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);

        long bytes = 0;
        long packets = 0;
        long lostBytes = 0;
        long lostPackets = 0;
        long next = 0;
        while (true) {
            SubscribeResponse event = stalled.next();
            if (event.hasEnded()) {
                assertThat(event.getEnded().getReason())
                        .isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
                break;
            }
            Discontinuity loss = event.getDiscontinuity();
            lostBytes += loss.getLostBytes();
            lostPackets += loss.getLostPackets();
            next += loss.getLostPackets();
            if (event.hasDiscontinuity()) {
                assertThat(loss.getCause())
                        .isEqualTo(DiscontinuityCause.DISCONTINUITY_CAUSE_LAPPED);
                assertThat(loss.getLossesKnown()).isTrue();
            }
            if (event.hasChunk()) {
                assertThat(DeliveryFixture.firstNumber(event.getChunk())).isEqualTo(next);
                next += event.getChunk().getPacketCount();
            }
            bytes += event.getChunk().getPayload().size();
            packets += event.getChunk().getPacketCount();
        }
        assertThat(lostBytes).isPositive();
        assertThat(bytes + lostBytes).isEqualTo(datagrams * 1316L);
        assertThat(packets + lostPackets).isEqualTo(datagrams);
    }

    @Test
    void aPublishersReturnIsADiscontinuityInTheSameCall() throws Exception {
        Ingest first = fixture.publish("cam1", 1);
        Iterator<SubscribeResponse> events = fixture.subscribe(live("cam1"));
        events.next();
        fixture.send(first, 100, 0);
        fixture.finish(first, Reason.REASON_PUBLISHER_LOST);
        Ingest second = fixture.publish("cam1", 2);
        fixture.send(second, 100, 1);
        fixture.finish(second, Reason.REASON_STOPPED_BY_OPERATOR);

        StringBuilder seen = new StringBuilder();
        while (!seen.toString().contains("ENDED")) {
            SubscribeResponse event = events.next();
            seen.append(
                    switch (event.getEventCase()) {
                        case STATE_CHANGED ->
                                event.getStateChanged().getStatus().name().substring(14);
                        case DISCONTINUITY ->
                                event.getDiscontinuity().getCause().name().substring(20);
                        case CHUNK -> "CHUNK" + event.getChunk().getEpoch();
                        case STARTED, ENDED, EVENT_NOT_SET -> event.getEventCase().name();
                    });
            seen.append(' ');
        }
        assertThat(seen.toString())
                .matches(
                        "(ACTIVE CHUNK1|CHUNK1 ACTIVE) RECONNECTING CONNECTING"
                                + " (ACTIVE NEW_EPOCH CHUNK2|NEW_EPOCH CHUNK2 ACTIVE) ENDED ");
    }

    @Test
    void aSubscriptionBeginsWhereItWasAsked() throws Exception {
        Ingest ingest = fixture.publish("cam1", 1);
        fixture.send(ingest, 500, 0);
        fixture.send(ingest, 500, 1, RecordFlags.RANDOM_ACCESS);
        fixture.send(ingest, 500, 2);

        Iterator<SubscribeResponse> oldest =
                fixture.subscribe(live("cam1").setOldest(StartOldest.getDefaultInstance()));
        assertThat(oldest.next().getStarted().getPosition()).isZero();
        assertThat(DeliveryFixture.firstNumber(oldest.next().getChunk())).isZero();

        Iterator<SubscribeResponse> access =
                fixture.subscribe(
                        live("cam1").setRandomAccess(StartRandomAccess.getDefaultInstance()));
        assertThat(access.next().getStarted().getAtRandomAccess()).isTrue();
        assertThat(DeliveryFixture.firstNumber(access.next().getChunk())).isEqualTo(1);

        Iterator<SubscribeResponse> resumed =
                fixture.subscribe(
                        live("cam1")
                                .setResume(StartResume.newBuilder().setEpoch(1).setPosition(1000)));
        assertThat(resumed.next().getStarted().getPosition()).isEqualTo(1000);
        assertThat(DeliveryFixture.firstNumber(resumed.next().getChunk())).isEqualTo(2);

        Iterator<SubscribeResponse> elsewhere =
                fixture.subscribe(
                        live("cam1")
                                .setResume(StartResume.newBuilder().setEpoch(9).setPosition(1000)));
        assertThat(elsewhere.next().hasStarted()).isTrue();
        Discontinuity notResumable = elsewhere.next().getDiscontinuity();
        assertThat(notResumable.getCause())
                .isEqualTo(DiscontinuityCause.DISCONTINUITY_CAUSE_NOT_RESUMABLE);
        assertThat(notResumable.getLossesKnown()).isFalse();
    }

    @Test
    void packetsOfRtpKeepTheirEdgesAndAChunkIsOfOneKind() throws Exception {
        Ingest ingest = fixture.publish("cam1", 1);
        fixture.write(ingest, 188, 0, 0);
        fixture.write(ingest, 300, 1, RecordFlags.EDGES);
        fixture.write(ingest, 200, 2, RecordFlags.EDGES);
        ingest.ring().publish();
        Iterator<SubscribeResponse> events =
                fixture.subscribe(live("cam1").setOldest(StartOldest.getDefaultInstance()));
        events.next();
        Chunk stream = events.next().getChunk();
        assertThat(stream.getPayloadKind()).isEqualTo(PayloadKind.PAYLOAD_KIND_TRANSPORT_STREAM);
        assertThat(stream.getDatagramBytesList()).isEmpty();
        Chunk packets = events.next().getChunk();
        assertThat(packets.getPayloadKind()).isEqualTo(PayloadKind.PAYLOAD_KIND_RTP_PACKETS);
        assertThat(packets.getDatagramBytesList()).containsExactly(300, 200);
    }

    @Test
    void aSubscriberThatStaysStalledIsEndedWithAReason() throws Exception {
        try (DeliveryFixture impatient = new DeliveryFixture(Duration.ofSeconds(1))) {
            Ingest ingest = impatient.publish("cam1", 1);
            Iterator<SubscribeResponse> stalled = impatient.subscribe(live("cam1"));
            stalled.next();
            for (int i = 0; impatient.server().counters().tooSlow() == 0; i++) {
                impatient.send(ingest, 60_000, i);
            }
            SubscribeResponse last = stalled.next();
            while (stalled.hasNext()) {
                last = stalled.next();
            }
            assertThat(last.getEnded().getReason()).isEqualTo(Reason.REASON_TOO_SLOW);
            assertThat(impatient.server().counters().open()).isZero();
        }
    }

    @Test
    void subscribersAreToldThatTheWorkerStops() throws Exception {
        fixture.publish("cam1", 1);
        Iterator<SubscribeResponse> events = fixture.subscribe(live("cam1"));
        events.next();
        long before = System.nanoTime();
        fixture.server().close();
        assertThat(events.next().getEnded().getReason()).isEqualTo(Reason.REASON_DRAINING);
        assertThat(System.nanoTime() - before).isLessThan(Duration.ofSeconds(5).toNanos());
    }

    private static SubscribeRequest.Builder live(String stream) {
        return SubscribeRequest.newBuilder().setStreamId(stream);
    }

    private static SubscribeResponse nextOf(EventCase wanted, Iterator<SubscribeResponse> events) {
        SubscribeResponse event = events.next();
        while (event.getEventCase() != wanted) {
            event = events.next();
        }
        return event;
    }
}
