package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;

import live.mirror.ring.RecordFlags;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.PayloadTypes;
import live.mirror.rtp.WireBytes;
import live.mirror.stream.Ingest;
import live.mirror.v1.Chunk;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.PayloadForm;
import live.mirror.v1.PayloadKind;
import live.mirror.v1.Reason;
import live.mirror.v1.StartOldest;
import live.mirror.v1.StartResume;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** A subscriber that asks for access units, over a real call. */
class AccessUnitsTest {

    private static final int SSRC = 7;

    private final DeliveryFixture fixture = new DeliveryFixture();
    private Ingest ingest;

    @BeforeEach
    void publish() throws InterruptedException {
        ingest = fixture.publish("cam1", 1);
        ingest.payloadTypes(
                PayloadTypes.standard()
                        .with(
                                Map.of(
                                        100,
                                        new MediaFormat(
                                                "MPEG4-GENERIC",
                                                48_000,
                                                2,
                                                Map.of("mode", "AAC-hbr", "config", "1190")))));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void fragmentsOfAPictureComeAsOneUnitWithItsTimestamp() {
        video(false, 1, 900, "7c 85 aa | FU-A, start, IDR");
        video(false, 2, 900, "7c 05 bb");
        video(true, 3, 900, "7c 45 cc | end");
        video(true, 4, 4500, "41 dd | not an IDR");
        List<SubscribeResponse> events = subscribe(oldest());
        List<Chunk> chunks = chunks(events);
        assertThat(chunks).hasSize(2);
        Chunk first = chunks.getFirst();
        assertThat(hex(first)).isEqualTo("0000000165aabbcc");
        assertThat(first.getPayloadKind()).isEqualTo(PayloadKind.PAYLOAD_KIND_H264_UNITS);
        assertThat(first.getClockRate()).isEqualTo(90_000);
        assertThat(first.getAccessUnits(0).getRtpTimestamp()).isEqualTo(900);
        assertThat(first.getAccessUnits(0).getRandomAccess()).isTrue();
        assertThat(first.getAccessUnits(0).getDamaged()).isFalse();
        assertThat(first.getPacketCount()).isEqualTo(3);
        assertThat(hex(chunks.get(1))).isEqualTo("0000000141dd");
        assertThat(chunks.get(1).getAccessUnits(0).getRandomAccess()).isFalse();
        assertThat(chunks.get(1).getPosition())
                .isEqualTo(first.getPosition() + first.getMediaBytes());
        assertThat(chunks.get(1).getPacket()).isEqualTo(3);
        assertThat(events.getLast().hasEnded()).isTrue();
    }

    @Test
    void aUnitThatHasLostAPacketIsDamagedAndTheLossIsTold() {
        video(false, 1, 900, "41 01");
        ingest.ring().gap(RecordFlags.AFTER_LOSS, 2);
        video(true, 4, 900, "41 02");
        video(true, 5, 4500, "41 03");
        List<SubscribeResponse> events = subscribe(oldest());
        SubscribeResponse told =
                events.stream()
                        .filter(SubscribeResponse::hasDiscontinuity)
                        .findFirst()
                        .orElseThrow();
        assertThat(told.getDiscontinuity().getLostPackets()).isEqualTo(2);
        assertThat(told.getDiscontinuity().getLossesKnown()).isTrue();
        List<Chunk> chunks = chunks(events);
        assertThat(chunks.getFirst().getAccessUnits(0).getDamaged()).isTrue();
        assertThat(chunks.getFirst().getPacketCount()).as("with those lost").isEqualTo(4);
        assertThat(chunks.get(1).getAccessUnits(0).getDamaged()).isFalse();
        assertThat(chunks.get(1).getPacket()).isEqualTo(4);
    }

    @Test
    void aResumedSubscriptionBeginsWithTheNextUnit() {
        video(true, 1, 900, "41 01");
        video(false, 2, 4500, "41 02");
        video(true, 3, 4500, "41 03");
        Iterator<SubscribeResponse> before = open(oldest());
        assertThat(before.next().hasStarted()).isTrue();
        Chunk first = before.next().getChunk();
        List<SubscribeResponse> resumed =
                subscribe(
                        SubscribeRequest.newBuilder()
                                .setResume(
                                        StartResume.newBuilder()
                                                .setEpoch(first.getEpoch())
                                                .setPosition(
                                                        first.getPosition() + first.getMediaBytes())
                                                .setPacket(
                                                        first.getPacket()
                                                                + first.getPacketCount())));
        assertThat(resumed).noneMatch(SubscribeResponse::hasDiscontinuity);
        assertThat(hex(chunks(resumed).getFirst())).isEqualTo("0000000141020000000141" + "03");
    }

    @Test
    void aSenderWithoutMarkersIsUnderstoodByItsTimestamps() {
        video(false, 1, 900, "41 01");
        video(false, 2, 4500, "41 02");
        video(false, 3, 8100, "41 03");
        List<Chunk> chunks = chunks(subscribe(oldest()));
        assertThat(chunks).hasSize(3);
        assertThat(chunks.get(1).getPacket()).isEqualTo(1);
        assertThat(chunks.get(2).getAccessUnits(0).getDamaged())
                .as("nobody has seen its end")
                .isTrue();
    }

    @Test
    void framesOfAacGetTheHeaderThatMakesThemStandForThemselves() {
        packet(100, true, 1, 1024, "00 20 00 10 00 10 a1 a2 b1 b2 | two frames of two bytes");
        Chunk chunk = chunks(subscribe(oldest())).getFirst();
        assertThat(chunk.getPayloadKind()).isEqualTo(PayloadKind.PAYLOAD_KIND_AAC_UNITS);
        assertThat(hex(chunk)).isEqualTo("fff14c80013ffca1a2fff14c80013ffcb1b2");
        assertThat(chunk.getDatagramBytesList()).containsExactly(9, 9);
        assertThat(chunk.getAccessUnits(1).getRtpTimestamp()).isEqualTo(2048);
        assertThat(chunk.getClockRate()).isEqualTo(48_000);
    }

    @Test
    void whatCantBePutTogetherComesAsItCame() {
        packet(98, true, 1, 900, "10 20 30");
        fixture.send(ingest, 1316, 5);
        List<Chunk> chunks = chunks(subscribe(oldest()));
        assertThat(chunks.getFirst().getPayloadKind())
                .isEqualTo(PayloadKind.PAYLOAD_KIND_RTP_PACKETS);
        assertThat(chunks.getFirst().getPayload().size()).isEqualTo(12 + 3);
        assertThat(chunks.get(1).getPayloadKind())
                .isEqualTo(PayloadKind.PAYLOAD_KIND_TRANSPORT_STREAM);
    }

    @Test
    void aRestartOfTheSourceIsALossThatNobodyKnows() {
        video(true, 1, 900, "41 01");
        ingest.ring().gap(RecordFlags.SOURCE_RESTART, 0);
        video(true, 2, 4500, "41 02");
        SubscribeResponse told =
                subscribe(oldest()).stream()
                        .filter(SubscribeResponse::hasDiscontinuity)
                        .findFirst()
                        .orElseThrow();
        assertThat(told.getDiscontinuity().getCause())
                .isEqualTo(DiscontinuityCause.DISCONTINUITY_CAUSE_SOURCE_RESTART);
        assertThat(told.getDiscontinuity().getLossesKnown()).isFalse();
    }

    private void video(boolean marker, int sequence, int timestamp, String payload) {
        packet(96, marker, sequence, timestamp, payload);
    }

    private void packet(int type, boolean marker, int sequence, int timestamp, String payload) {
        byte[] bytes =
                WireBytes.rtp(
                        type | (marker ? 0x80 : 0),
                        sequence,
                        timestamp,
                        SSRC,
                        WireBytes.wire(payload));
        ingest.ring()
                .write(
                        bytes,
                        0,
                        bytes.length,
                        ingest.epoch(),
                        DeliveryFixture.ARRIVAL_UNIX_US,
                        RecordFlags.EDGES);
        ingest.ring().publish();
        ingest.received(bytes.length, 1);
    }

    private static SubscribeRequest.Builder oldest() {
        return SubscribeRequest.newBuilder().setOldest(StartOldest.getDefaultInstance());
    }

    /** All that a subscriber gets until the stream is over, which it is from here on. */
    private List<SubscribeResponse> subscribe(SubscribeRequest.Builder request) {
        List<SubscribeResponse> events = new ArrayList<>();
        Iterator<SubscribeResponse> call = open(request);
        events.add(call.next());
        fixture.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
        call.forEachRemaining(events::add);
        return events;
    }

    private Iterator<SubscribeResponse> open(SubscribeRequest.Builder request) {
        return fixture.subscribe(
                request.setStreamId("cam1").setPayloadForm(PayloadForm.PAYLOAD_FORM_ACCESS_UNITS));
    }

    private static List<Chunk> chunks(List<SubscribeResponse> events) {
        return events.stream()
                .filter(SubscribeResponse::hasChunk)
                .map(SubscribeResponse::getChunk)
                .toList();
    }

    private static String hex(Chunk chunk) {
        ByteString payload = chunk.getPayload();
        return HexFormat.of().formatHex(payload.toByteArray());
    }
}
