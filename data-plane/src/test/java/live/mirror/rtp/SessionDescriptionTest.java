package live.mirror.rtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.util.List;
import java.util.Map;
import java.util.Objects;

class SessionDescriptionTest {

    @Test
    void whatFfmpegPrintsForVideoAndSound() {
        SessionDescription description =
                SessionDescription.parse(
                        """
                        v=0
                        o=- 0 0 IN IP4 127.0.0.1
                        s=No Name
                        c=IN IP4 127.0.0.1
                        t=0 0
                        a=tool:libavformat 59.27.100
                        m=video 5004 RTP/AVP 96
                        b=AS:3000
                        a=rtpmap:96 H264/90000
                        a=fmtp:96 packetization-mode=1; sprop-parameter-sets=Z0LAHt,aM4G4g==
                        m=audio 5006 RTP/AVP 97
                        a=rtpmap:97 MPEG4-GENERIC/48000/2
                        a=fmtp:97 profile-level-id=1;mode=AAC-hbr;sizelength=13;config=1190
                        """);

        assertThat(description.formats())
                .containsOnlyKeys(96, 97)
                .containsEntry(
                        96,
                        new MediaFormat(
                                "H264",
                                90_000,
                                1,
                                Map.of(
                                        "packetization-mode",
                                        "1",
                                        "sprop-parameter-sets",
                                        "Z0LAHt,aM4G4g==")));
        MediaFormat audio = Objects.requireNonNull(description.formats().get(97));
        assertThat(audio.channels()).isEqualTo(2);
        assertThat(audio.clockRate()).isEqualTo(48_000);
        assertThat(audio.parameters()).containsEntry("config", "1190").hasSize(4);
        assertThat(description.media().getLast().address()).isEqualTo("127.0.0.1");
        assertThat(description.media().getLast().port()).isEqualTo(5006);
    }

    @Test
    void twoLegsWithTheirSourcesAsInSt2022Part7() {
        SessionDescription description =
                SessionDescription.parse(
                        """
                        v=0
                        a=group:DUP first second
                        m=video 5004/1 RTP/AVP 33
                        c=IN IP4 239.1.1.1/32
                        a=source-filter: incl IN IP4 239.1.1.1 10.0.0.1
                        a=ssrc:4000000000 cname:cam
                        a=mid:first
                        m=video 5004 RTP/AVP 33
                        c=IN IP4 239.1.1.2/32
                        a=source-filter: incl IN IP4 239.1.1.2 10.0.1.1 10.0.1.2
                        a=mid:second
                        """);

        assertThat(description.duplicateGroups()).containsExactly(List.of("first", "second"));
        SessionDescription.Media first = description.media().getFirst();
        assertThat(first.address()).isEqualTo("239.1.1.1");
        assertThat(first.sources()).containsExactly("10.0.0.1");
        assertThat(first.ssrc()).hasValue(Integer.parseUnsignedInt("4000000000"));
        assertThat(first.mid()).hasValue("first");
        assertThat(first.payloadTypes()).containsExactly(33);
        assertThat(description.media().getLast().sources()).containsExactly("10.0.1.1", "10.0.1.2");
    }

    @Test
    void whatIsNotRtpAndWhatIsNotKnownIsPassedOver() {
        SessionDescription description =
                SessionDescription.parse(
                        """
                        m=application 9 UDP/DTLS/SCTP webrtc-datachannel
                        a=rtpmap:not a number
                        m=video 5004 RTP/AVP 98 33
                        a=rtpmap:98 smpte291/90000
                        a=sendonly
                        a=x-unknown:whatever : it says
                        """);

        assertThat(description.media()).hasSize(1);
        assertThat(description.formats().get(98))
                .extracting(MediaFormat::encoding)
                .isEqualTo("SMPTE291");
        assertThat(description.media().getFirst().payloadTypes()).containsExactly(98, 33);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "video; line 1",
                "m=video 5004; at least four parts",
                "m=video port RTP/AVP 33; a port",
                "m=video 65536 RTP/AVP 33; a port",
                "m=video 5004 RTP/AVP 128; a payload type",
                "m=video 5004 RTP/AVP -1; a payload type",
                "c=IN IP4; three parts",
                "a=source-filter: excl IN IP4 * 10.0.0.1; only `source-filter: incl"
            })
    void aLineThatMattersAndIsMalformedIsNamed(String line, String problem) {
        assertThatThrownBy(() -> SessionDescription.parse(line))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a=rtpmap:96; a payload type and a name",
                "a=rtpmap:96 H264; a payload type and a name",
                "a=rtpmap:96 H264/0; a clock rate",
                "a=rtpmap:96 H264/4000000000; a clock rate",
                "a=rtpmap:96 L16/48000/256; channels",
                "a=rtpmap:200 H264/90000; a payload type",
                "a=fmtp:x a=b; a payload type",
                "a=ssrc:4294967296 cname:x; not an SSRC"
            })
    void anAttributeThatMattersAndIsMalformedIsNamed(String line, String problem) {
        assertThatThrownBy(
                        () -> SessionDescription.parse("m=video 5004 RTP/AVP 96\n" + line + "\n"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(problem);
    }

    @Test
    void aDescriptionHasABound() {
        String text = "a=x:" + "y".repeat(SessionDescription.MAX_LENGTH);
        assertThatThrownBy(() -> SessionDescription.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65536");
    }

    @Test
    void aClockRateThatIsNoneIsToldWithWhereItStands() {
        assertThatThrownBy(() ->
                        SessionDescription.parse(
                                "v=0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/9x000\n"))
                .hasMessageContaining("session description")
                .hasMessageContaining("`9x000` is not a clock rate");
    }
}
