package live.mirror.rtp;

import static live.mirror.rtp.WireBytes.wire;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import java.util.Arrays;
import java.util.stream.Stream;

class RtpPacketTest {

    private final RtpPacket packet = new RtpPacket();

    @Test
    void aPlainPacketIsReadFieldByField() {
        byte[] bytes =
                wire(
                        "80          | V=2 P=0 X=0 CC=0",
                        "a1          | M=1 PT=33",
                        "ff fe       | sequence number 65534",
                        "80 00 00 01 | timestamp",
                        "de ad be ef | SSRC",
                        "47 1f ff 10 | payload");

        assertThat(read(bytes)).isEqualTo(PacketFault.NONE);
        assertThat(packet.marker()).isTrue();
        assertThat(packet.payloadType()).isEqualTo(33);
        assertThat(packet.sequenceNumber()).isEqualTo(65534);
        assertThat(packet.timestamp()).isEqualTo(0x8000_0001);
        assertThat(packet.ssrc()).isEqualTo(0xdead_beef);
        assertThat(payload()).isEqualTo(wire("47 1f ff 10"));
    }

    @Test
    void sourcesExtensionAndPaddingAreNotPayload() {
        byte[] bytes =
                wire(
                        "b2          | V=2 P=1 X=1 CC=2",
                        "60          | M=0 PT=96",
                        "00 01 00 00 00 02 00 00 00 03",
                        "00 00 00 0a | first CSRC",
                        "00 00 00 0b | second CSRC",
                        "be de 00 01 | extension of one word (RFC 8285)",
                        "10 aa 00 00 | its word",
                        "65 88       | payload",
                        "00 00 03    | padding, 3 bytes with its own count");

        assertThat(read(bytes)).isEqualTo(PacketFault.NONE);
        assertThat(payload()).isEqualTo(wire("65 88"));
    }

    @Test
    void aPacketMayHaveNoPayload() {
        assertThat(read(wire("80 21 00 01 00 00 00 02 00 00 00 03"))).isEqualTo(PacketFault.NONE);
        assertThat(packet.payloadLength()).isZero();
    }

    static Stream<Arguments> liars() {
        String fixed = "00 01 00 00 00 02 00 00 00 03";
        return Stream.of(
                Arguments.of(PacketFault.TRUNCATED, wire("")),
                Arguments.of(PacketFault.TRUNCATED, wire("80 21 00 01 00 00 00 02 00 00 00")),
                Arguments.of(PacketFault.WRONG_VERSION, wire("00 21", fixed)),
                Arguments.of(PacketFault.WRONG_VERSION, wire("40 21", fixed)),
                Arguments.of(PacketFault.WRONG_VERSION, wire("c0 21", fixed)),
                Arguments.of(PacketFault.CSRC_OVERRUN, wire("81 21", fixed)),
                Arguments.of(PacketFault.CSRC_OVERRUN, wire("8f 21", fixed, "00 00 00 0a")),
                Arguments.of(PacketFault.EXTENSION_OVERRUN, wire("90 21", fixed)),
                Arguments.of(PacketFault.EXTENSION_OVERRUN, wire("90 21", fixed, "be de 00")),
                Arguments.of(PacketFault.EXTENSION_OVERRUN, wire("90 21", fixed, "be de 00 01")),
                Arguments.of(
                        PacketFault.EXTENSION_OVERRUN, wire("90 21", fixed, "be de ff ff 00 00")),
                Arguments.of(PacketFault.PADDING_OVERRUN, wire("a0 21", fixed)),
                Arguments.of(PacketFault.PADDING_OVERRUN, wire("a0 21", fixed, "00 00 00 00")),
                Arguments.of(PacketFault.PADDING_OVERRUN, wire("a0 21", fixed, "00 00 00 05")),
                Arguments.of(
                        PacketFault.PADDING_OVERRUN,
                        wire("b0 21", fixed, "be de 00 01 | extension", "00 00 00 01")));
    }

    @ParameterizedTest
    @MethodSource("liars")
    void aLieInTheHeaderIsNamed(PacketFault fault, byte[] bytes) {
        assertThat(read(bytes)).isEqualTo(fault);
    }

    @Property(tries = 5000)
    void anyBytesAreEitherNamedOrReadableWithinTheirBounds(
            @ForAll @Size(max = 80) byte[] bytes, @ForAll byte first) {
        if (bytes.length > 0 && (first & 1) == 0) {
            bytes[0] = (byte) (0x80 | (first & 0x3f));
        }
        // Surrounded by other bytes, as in a batch: nothing outside may matter.
        byte[] surrounded = new byte[bytes.length + 40];
        Arrays.fill(surrounded, (byte) 0xff);
        System.arraycopy(bytes, 0, surrounded, 20, bytes.length);

        PacketFault fault = read(bytes);
        assertThat(packet.read(surrounded, 20, bytes.length)).isEqualTo(fault);
        if (fault == PacketFault.NONE) {
            assertThat(packet.payloadOffset()).isBetween(32, 20 + bytes.length);
            assertThat(packet.payloadOffset() + packet.payloadLength())
                    .isBetween(packet.payloadOffset(), 20 + bytes.length);
            assertThat(packet.payloadType()).isBetween(0, 127);
        }
    }

    private PacketFault read(byte[] bytes) {
        return packet.read(bytes, 0, bytes.length);
    }

    private byte[] payload() {
        return Arrays.copyOfRange(
                packet.bytes(),
                packet.payloadOffset(),
                packet.payloadOffset() + packet.payloadLength());
    }
}
