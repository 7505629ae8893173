package live.mirror.rtp;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

class RtcpReaderTest {

    private final List<String> told = new ArrayList<>();

    private final RtcpReader.Handler handler =
            new RtcpReader.Handler() {
                @Override
                public void senderReport(
                        int ssrc, long ntp, int rtpTimestamp, long packets, long octets) {
                    told.add(
                            "SR %x ntp=%x ts=%x packets=%d octets=%d"
                                    .formatted(ssrc, ntp, rtpTimestamp, packets, octets));
                }

                @Override
                public void bye(int ssrc) {
                    told.add("BYE %x".formatted(ssrc));
                }

                @Override
                public void canonicalName(int ssrc, byte[] bytes, int offset, int length) {
                    String name = new String(bytes, offset, length, StandardCharsets.US_ASCII);
                    told.add("CNAME %x %s".formatted(ssrc, name));
                }
            };

    @Test
    void aCompoundDatagramIsToldInItsOrder() {
        byte[] bytes =
                wire(
                        "81 c8 00 0c | sender report with one block",
                        "00 00 00 0a | SSRC",
                        "e0 00 00 01 80 00 00 00 | NTP time",
                        "ff ff ff f0 | RTP time",
                        "ff ff ff ff | packets, unsigned",
                        "00 00 05 28 | octets",
                        "00 00 00 0b 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00",
                        "82 ca 00 06 | description of two sources",
                        "00 00 00 0a 01 03 63 61 6d 00 00 00 | CNAME cam",
                        "00 00 00 0b 02 01 78 01 01 79 00 00 | NAME x, CNAME y",
                        "82 cb 00 03 | BYE of both, with a reason",
                        "00 00 00 0a 00 00 00 0b 03 65 6e 64");

        assertThat(read(bytes)).isEqualTo(PacketFault.NONE);
        assertThat(told)
                .containsExactly(
                        "SR a ntp=e000000180000000 ts=fffffff0 packets=4294967295 octets=1320",
                        "CNAME a cam",
                        "CNAME b y",
                        "BYE a",
                        "BYE b");
    }

    @Test
    void whatIsNotKnownIsSteppedOverByItsLength() {
        byte[] bytes =
                wire(
                        "80 c9 00 01 00 00 00 0a | receiver report",
                        "81 ce 00 02 00 00 00 0a 00 00 00 0b | picture loss indication (RFC 4585)",
                        "80 cf 00 01 00 00 00 0a | extended report (RFC 3611)",
                        "81 cb 00 01 00 00 00 0a");

        assertThat(read(bytes)).isEqualTo(PacketFault.NONE);
        assertThat(told).containsExactly("BYE a");
    }

    @Test
    void paddingMayStandBehindTheLastPacket() {
        byte[] bytes =
                wire("80 c9 00 01 00 00 00 0a", "a1 cb 00 02 00 00 00 0a 00 00 00 04 | 4 of it");

        assertThat(read(bytes)).isEqualTo(PacketFault.NONE);
        assertThat(told).containsExactly("BYE a");
    }

    /** RFC 5506, and pjsip before 2012: nothing but a goodbye. */
    @Test
    void aReportNeedNotComeFirst() {
        assertThat(read(wire("81 cb 00 01 00 00 00 0a"))).isEqualTo(PacketFault.NONE);
        assertThat(read(wire("81 ca 00 03 00 00 00 0a 01 01 78 00 00 00 00 00 | CNAME x")))
                .isEqualTo(PacketFault.NONE);
        assertThat(told).containsExactly("BYE a", "CNAME a x");
    }

    static Stream<Arguments> liars() {
        String report = "80 c9 00 01 00 00 00 0a";
        return Stream.of(
                Arguments.of(PacketFault.TRUNCATED, wire("")),
                Arguments.of(PacketFault.TRUNCATED, wire("80 c9 00 01 00 00 00")),
                Arguments.of(PacketFault.RTCP_FIRST_PACKET, wire("81 c7 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_FIRST_PACKET, wire("81 d0 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.WRONG_VERSION, wire("00 c9 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.WRONG_VERSION, wire(report, "41 cb 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_LENGTH, wire("80 c9 00 02 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_LENGTH, wire("80 c9 ff ff 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_LENGTH, wire(report, "81 cb 00")),
                Arguments.of(PacketFault.RTCP_LENGTH, wire(report, "81 cb 00 02 00 00 00 0a")),
                Arguments.of(
                        PacketFault.RTCP_PADDING,
                        wire("a0 c9 00 02 00 00 00 0a 00 00 00 04", report)),
                Arguments.of(PacketFault.RTCP_PADDING, wire("a0 c9 00 02 00 00 00 0a 00 00 00 00")),
                Arguments.of(PacketFault.RTCP_PADDING, wire("a0 c9 00 02 00 00 00 0a 00 00 00 03")),
                Arguments.of(PacketFault.RTCP_PADDING, wire("a0 c9 00 02 00 00 00 0a 00 00 00 fc")),
                Arguments.of(PacketFault.RTCP_BLOCKS, wire("80 c8 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_BLOCKS, wire("9f c9 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_BLOCKS, wire(report, "82 cb 00 01 00 00 00 0a")),
                Arguments.of(PacketFault.RTCP_BLOCKS, wire(report, "81 ca 00 00")),
                Arguments.of(PacketFault.RTCP_BLOCKS, wire(report, "81 ca 00 01 00 00 00 0a")),
                Arguments.of(
                        PacketFault.RTCP_BLOCKS,
                        wire(report, "81 ca 00 02 00 00 00 0a 01 ff 63 61")),
                Arguments.of(
                        PacketFault.RTCP_BLOCKS,
                        wire(report, "81 ca 00 02 00 00 00 0a 01 02 63 61 | no end")));
    }

    @ParameterizedTest
    @MethodSource("liars")
    void aLieIsNamedAndNothingIsTold(PacketFault fault, byte[] bytes) {
        assertThat(read(bytes)).isEqualTo(fault);
        assertThat(told).isEmpty();
    }

    private PacketFault read(byte[] bytes) {
        return RtcpReader.read(bytes, 0, bytes.length, handler);
    }
}
