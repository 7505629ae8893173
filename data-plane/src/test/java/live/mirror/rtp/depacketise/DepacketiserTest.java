package live.mirror.rtp.depacketise;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.RtpPacket;
import live.mirror.rtp.WireBytes;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

class DepacketiserTest {

    @SuppressWarnings("ArrayRecordComponent") // Looked at part by part, never compared.
    private record Unit(byte[] bytes, int timestamp, boolean randomAccess, boolean damaged) {}

    private final List<Unit> units = new ArrayList<>();
    private final Depacketiser.Output output =
            (bytes, offset, length, timestamp, randomAccess, damaged) ->
                    units.add(
                            new Unit(
                                    Arrays.copyOfRange(bytes, offset, offset + length),
                                    timestamp,
                                    randomAccess,
                                    damaged));
    private Depacketiser depacketiser = h264();

    private Depacketiser h264() {
        return Depacketiser.of(new MediaFormat("H264", 90_000), output).orElseThrow();
    }

    private Depacketiser h264(Map<String, String> parameters) {
        return Depacketiser.of(new MediaFormat("H264", 90_000, 1, parameters), output)
                .orElseThrow();
    }

    private Depacketiser h265(Map<String, String> parameters) {
        return Depacketiser.of(new MediaFormat("H265", 90_000, 1, parameters), output)
                .orElseThrow();
    }

    private Depacketiser aac() {
        return Depacketiser.of(
                        new MediaFormat(
                                "mpeg4-generic",
                                48_000,
                                2,
                                Map.of(
                                        "mode", "AAC-hbr",
                                        "sizelength", "13",
                                        "indexlength", "3",
                                        "indexdeltalength", "3")),
                        output)
                .orElseThrow();
    }

    private void packet(boolean marker, int timestamp, byte[] payload) {
        byte[] bytes = WireBytes.rtp(marker ? 96 | 0x80 : 96, 0, timestamp, 1, payload);
        RtpPacket packet = new RtpPacket();
        packet.read(bytes, 0, bytes.length);
        depacketiser.packet(packet);
    }

    @Test
    void h264ParametersInOneAggregateAndAPictureInFragmentsAreOneAccessUnit() {
        packet(
                false,
                9000,
                wire(
                        "78          | STAP-A, NRI 3",
                        "00 03 67 42 00 | size 3, SPS",
                        "00 02 68 ce    | size 2, PPS"));
        packet(false, 9000, wire("7c 85 | FU-A, S=1, type 5", "01 02"));
        packet(false, 9000, wire("7c 05 | FU-A", "03 04"));
        packet(true, 9000, wire("7c 45 | FU-A, E=1", "05"));

        assertThat(units).hasSize(1);
        assertThat(units.getFirst().bytes())
                .isEqualTo(
                        wire(
                                "00 00 00 01 67 42 00",
                                "00 00 00 01 68 ce",
                                "00 00 00 01 65 01 02 03 04 05"));
        assertThat(units.getFirst().randomAccess()).isTrue();
        assertThat(units.getFirst().damaged()).isFalse();
        assertThat(units.getFirst().timestamp()).isEqualTo(9000);
    }

    @Test
    void h264ParametersOfTheDescriptionStandBeforeEachUnitThatADecoderCanBeginWith() {
        depacketiser = h264(Map.of("sprop-parameter-sets", "Z0IA,aM4="));
        byte[] parameters = wire("00 00 00 01 67 42 00", "00 00 00 01 68 ce");
        packet(true, 0, wire("41 9a | the first unit: whoever begins with it needs them too"));
        packet(true, 1, wire("41 9b"));
        packet(false, 2, wire("09 10 | delimiter"));
        packet(true, 2, wire("65 01"));
        assertThat(units.get(0).bytes()).isEqualTo(join(parameters, wire("00 00 00 01 41 9a")));
        assertThat(units.get(1).bytes()).isEqualTo(wire("00 00 00 01 41 9b"));
        assertThat(units.get(2).bytes())
                .as("behind the delimiter")
                .isEqualTo(join(wire("00 00 00 01 09 10"), parameters, wire("00 00 00 01 65 01")));
    }

    @Test
    void h264ParametersOfThePublisherReplaceThoseOfTheDescription() {
        depacketiser = h264(Map.of("sprop-parameter-sets", "Z0IA,aM4="));
        packet(false, 0, wire("67 43 | SPS"));
        packet(true, 0, wire("65 01"));
        packet(true, 1, wire("65 02"));
        assertThat(units.get(0).bytes()).isEqualTo(wire("00 00 00 01 67 43 00 00 00 01 65 01"));
        assertThat(units.get(1).bytes()).isEqualTo(wire("00 00 00 01 65 02"));
    }

    @Test
    void whatIsNoParameterSetInADescriptionIsLeftOut() {
        depacketiser = h264(Map.of("sprop-parameter-sets", "Z0IA,?,,ZQE=,aA==, aM4="));
        packet(true, 0, wire("65 01"));
        assertThat(units.getFirst().bytes())
                .isEqualTo(wire("00 00 00 01 67 42 00", "00 00 00 01 68 ce", "00 00 00 01 65 01"));
    }

    @Test
    void h265ParametersOfTheDescriptionComeInTheOrderOfTheirUse() {
        depacketiser = h265(Map.of("sprop-pps", "RAHA", "sprop-sps", "QgEB", "sprop-vps", "QAEM"));
        packet(true, 0, wire("46 01 50 | delimiter"));
        packet(true, 1, wire("26 01 aa | IDR_W_RADL"));
        byte[] parameters =
                wire("00 00 00 01 40 01 0c", "00 00 00 01 42 01 01", "00 00 00 01 44 01 c0");
        assertThat(units.get(0).bytes()).isEqualTo(join(wire("00 00 00 01 46 01 50"), parameters));
        assertThat(units.get(1).bytes()).isEqualTo(join(parameters, wire("00 00 00 01 26 01 aa")));
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    @Test
    void h264AnotherTimestampEndsTheUnitOfAnEncoderThatSetsNoMarker() {
        packet(false, 0, wire("41 9a"));
        packet(false, 3600, wire("41 9b"));
        depacketiser.flush();
        assertThat(units).extracting(Unit::timestamp).containsExactly(0, 3600);
    }

    @Test
    void h264ALostFragmentTakesItsNalUnitWithItAndMarksThePicture() {
        packet(false, 0, wire("06 05 | SEI"));
        packet(false, 0, wire("5c 81 01"));
        depacketiser.lost();
        packet(true, 0, wire("5c 41 03"));
        packet(true, 3600, wire("41 9a"));
        assertThat(units).hasSize(2);
        assertThat(units.getFirst().bytes()).isEqualTo(wire("00 00 00 01 06 05"));
        assertThat(units.getFirst().damaged()).isTrue();
        assertThat(units.getLast().damaged()).isFalse();
    }

    @Test
    void h264LiesAboutSizesAreCounted() {
        packet(true, 0, wire("78 00 05 67"));
        packet(true, 1, wire("7c 85"));
        packet(true, 2, wire("79 00 00 00 00"));
        packet(true, 3, wire(""));
        assertThat(depacketiser.malformedCount()).isEqualTo(4);
        assertThat(units).isEmpty();
    }

    @Test
    void h265AggregatesAndFragmentsAreOneAccessUnit() {
        depacketiser = h265(Map.of());
        packet(
                false,
                0,
                wire(
                        "60 01 | aggregation packet, type 48",
                        "00 03 40 01 0c | size 3, VPS",
                        "00 03 42 01 01 | size 3, SPS"));
        packet(false, 0, wire("62 01 93 | type 49, S=1, IDR_W_RADL", "aa bb"));
        packet(true, 0, wire("62 01 53 | E=1", "cc"));
        assertThat(units).hasSize(1);
        assertThat(units.getFirst().bytes())
                .isEqualTo(
                        wire(
                                "00 00 00 01 40 01 0c",
                                "00 00 00 01 42 01 01",
                                "00 00 00 01 26 01 aa bb cc"));
        assertThat(units.getFirst().randomAccess()).isTrue();
    }

    @Test
    void h265DecodingOrderNumbersAreSkippedWhereTheyAreAnnounced() {
        depacketiser = h265(Map.of("sprop-max-don-diff", "2"));
        packet(false, 0, wire("02 01 | type 1", "00 07 | DON", "aa"));
        packet(
                true,
                0,
                wire("60 01", "00 08 00 03 02 01 bb | DON, size", "00 00 03 02 01 cc | DOND"));
        assertThat(units.getFirst().bytes())
                .isEqualTo(
                        wire(
                                "00 00 00 01 02 01 aa",
                                "00 00 00 01 02 01 bb",
                                "00 00 00 01 02 01 cc"));
        assertThat(depacketiser.malformedCount()).isZero();
    }

    @Test
    void aacUnitsOfOnePacketAreAFrameApart() {
        depacketiser = aac();
        packet(
                true,
                48_000,
                wire(
                        "00 20 | 32 bits of AU headers",
                        "00 10 | size 2, index 0",
                        "00 18 | size 3, delta 0",
                        "21 22 | first",
                        "31 32 33 | second"));
        assertThat(units).extracting(Unit::timestamp).containsExactly(48_000, 49_024);
        assertThat(units.getFirst().bytes()).isEqualTo(wire("21 22"));
        assertThat(units.getLast().bytes()).isEqualTo(wire("31 32 33"));
    }

    @Test
    void anAacUnitMayComeInParts() {
        depacketiser = aac();
        packet(false, 0, wire("00 10 00 28 | size 5", "01 02 03"));
        packet(true, 0, wire("00 10 00 28", "04 05"));
        assertThat(units).hasSize(1);
        assertThat(units.getFirst().bytes()).isEqualTo(wire("01 02 03 04 05"));

        packet(false, 1024, wire("00 10 00 28 01 02 03"));
        depacketiser.lost();
        packet(true, 2048, wire("00 10 00 10 07 08"));
        assertThat(units).hasSize(2);
        assertThat(units.getLast().damaged()).isTrue();
    }

    @Test
    void anAacHeaderThatLiesIsCounted() {
        depacketiser = aac();
        packet(true, 0, wire("00"));
        packet(true, 0, wire("00 08 00"));
        packet(true, 0, wire("ff f0 00 10 01 02"));
        packet(true, 0, wire("00 20 00 10 00 18 21 22 31"));
        assertThat(depacketiser.malformedCount()).isEqualTo(4);
    }

    /** What one packetiser, written from the texts, takes apart, the depacketiser puts together. */
    @Property(tries = 300)
    void fragmentsOfAnySizeComeTogether(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 200) int fragmentBytes,
            @ForAll boolean hevc) {
        units.clear();
        depacketiser = hevc ? h265(Map.of()) : h264();
        Random random = new Random(seed);
        byte[] nal = new byte[3 + random.nextInt(1000)];
        random.nextBytes(nal);
        int header = hevc ? 2 : 1;
        nal[0] = (byte) (hevc ? 1 << 1 : 0x61);
        int body = nal.length - header;
        for (int at = 0; at < body; at += fragmentBytes) {
            int size = Math.min(fragmentBytes, body - at);
            boolean end = at + size == body;
            int flags = (at == 0 ? 0x80 : 0) | (end ? 0x40 : 0) | 1;
            byte[] payload = new byte[header + 1 + size];
            payload[0] = (byte) (hevc ? 49 << 1 : 0x60 | 28);
            if (hevc) {
                payload[1] = nal[1];
            }
            payload[header] = (byte) flags;
            System.arraycopy(nal, header + at, payload, header + 1, size);
            packet(end, 90, payload);
        }
        assertThat(units).hasSize(1);
        assertThat(Arrays.copyOfRange(units.getFirst().bytes(), 4, 4 + nal.length)).isEqualTo(nal);
    }

    @Property(tries = 3000)
    void anyBytesAreHarmless(
            @ForAll @Size(max = 60) byte[] payload,
            @ForAll boolean marker,
            @ForAll @IntRange(min = 0, max = 2) int codec) {
        depacketiser = codec == 0 ? h264() : codec == 1 ? h265(Map.of()) : aac();
        packet(false, 0, payload);
        depacketiser.lost();
        packet(marker, 0, payload);
        depacketiser.flush();
    }

    @Test
    void thereIsNoneForOthers() {
        assertThat(Depacketiser.of(new MediaFormat("PCMU", 8_000), output)).isEmpty();
    }
}
