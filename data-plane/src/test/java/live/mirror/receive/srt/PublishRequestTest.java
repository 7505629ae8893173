package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.v1.Reason;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import java.nio.charset.StandardCharsets;

/** Stream ids as real encoders send them. */
class PublishRequestTest {

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                // encoder or form               | stream id                                      |
                // id | user | credential
                "standard form                   | #!::r=live/cam1,m=publish                      |"
                        + " live/cam1 | - | -",
                "standard form, keys turned      | #!::m=publish,r=cam1,u=joe,t=stream            |"
                        + " cam1 | joe | -",
                "missing mode means publish      | #!::r=cam1                                     |"
                        + " cam1 | - | -",
                "OBS, ffmpeg, plain              | cam1                                           |"
                        + " cam1 | - | -",
                "plain path                      | live/cam1                                      |"
                        + " live/cam1 | - | -",
                "leading slash                   | /live/cam1                                     |"
                        + " live/cam1 | - | -",
                "Blackmagic                      | #!::bmd_uuid=1b7e,bmd_name=Web Presenter"
                        + " 4K,r=live/cam1,m=publish | live/cam1 | - | -",
                "StreamToStudio                  | #!::r=cam1,m=publish#feedbackplay              |"
                        + " cam1 | - | -",
                "StreamToStudio, plain           | cam1#feedbackplay                              |"
                        + " cam1 | - | -",
                "vMix                            | #!::u=vmix,r=studio_a,m=publish                |"
                        + " studio_a | vmix | -",
                "datarhei                        | cam1,mode:publish,token:s3cret                 |"
                        + " cam1 | - | s3cret",
                "MediaMTX                        | publish:live/cam1                              |"
                        + " live/cam1 | - | -",
                "MediaMTX with credentials       | publish:live/cam1:joe:s3cret                   |"
                        + " live/cam1 | joe | s3cret",
                "mode in front                   | publish/cam1                                   |"
                        + " cam1 | - | -",
                "SRS, resource as host           | #!::h=live/cam1,m=publish                      |"
                        + " live/cam1 | - | -",
                "SRS, host and resource          | #!::h=srt.example.com,r=live/cam1,m=publish    |"
                        + " live/cam1 | - | -",
                "SRS with a secret               | #!::r=live/cam1?secret=s3cret,m=publish        |"
                        + " live/cam1 | - | s3cret",
                "SLS                             | uplive.sls.com/live/cam1                       |"
                        + " uplive.sls.com/live/cam1 | - | -",
                "plain with a query              | live/cam1?token=s3cret&user=joe                |"
                        + " live/cam1 | joe | s3cret",
                "percent-encoded                 | %23!%3A%3Ar%3Dlive%2Fcam1%2Cm%3Dpublish        |"
                        + " live/cam1 | - | -",
                "percent-encoded twice           | %2523%21%253A%253Ar%253Dcam1                   |"
                        + " cam1 | - | -",
                "token key                       | #!::r=cam1,m=publish,token=a=b                 |"
                        + " cam1 | - | a=b",
                "one-shot session id             | #!::r=cam1,s=4711                              |"
                        + " cam1 | - | 4711",
                "braces                          | #!:{r=cam1,m=publish}                          |"
                        + " cam1 | - | -",
                "spaces around                   | '  cam1 '                                      |"
                        + " cam1 | - | -",
            })
    void readsWhatEncodersSend(
            String encoder, String streamId, String id, String user, String credential) {
        assertThat(PublishRequest.parse(streamId))
                .isInstanceOfSatisfying(
                        PublishRequest.Publish.class,
                        publish -> {
                            assertThat(publish.id()).isEqualTo(new StreamId(id));
                            assertThat(publish.user()).isEqualTo(user == null ? "" : user);
                            assertThat(publish.credential())
                                    .isEqualTo(credential == null ? "" : credential);
                        });
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "none (Sony, older Makito)    | ''                              | BAD_STREAM_ID",
                "blanks                       | '   '                           | BAD_STREAM_ID",
                "a player                     | #!::r=cam1,m=request            | WRONG_MODE",
                "a player of MediaMTX         | read:cam1                       | WRONG_MODE",
                "a player, plain              | play/cam1                       | WRONG_MODE",
                "both ways                    | #!::r=cam1,m=bidirectional      | WRONG_MODE",
                "an unknown mode              | #!::r=cam1,m=destroy            | WRONG_MODE",
                "a file                       | #!::r=cam1,m=publish,t=file     | UNACCEPTABLE",
                "no resource                  | #!::m=publish,u=joe             | BAD_STREAM_ID",
                "empty standard form          | #!::                            | BAD_STREAM_ID",
                "cut off standard form        | #!:                             | BAD_STREAM_ID",
                "two resources                | #!::r=cam1,r=cam2               | BAD_STREAM_ID",
                "a part without a value       | #!::r=cam1,publish              | BAD_STREAM_ID",
                "a space inside               | cam 1                           | BAD_STREAM_ID",
                "a dot in front               | ../../etc/passwd                | BAD_STREAM_ID",
                "a label's quote              | cam1\"} 1                       | BAD_STREAM_ID",
                "a wrong percent              | cam%zz                          | BAD_STREAM_ID",
                "an encoded line feed         | cam1%0Aforged                   | BAD_STREAM_ID",
                "letters beyond ASCII         | kamera-ö                        | BAD_STREAM_ID",
            })
    void refusesTheRestWithItsReason(String what, String streamId, String reason) {
        assertThat(PublishRequest.parse(streamId))
                .isInstanceOfSatisfying(
                        PublishRequest.Refused.class,
                        refused ->
                                assertThat(refused.reason())
                                        .isEqualTo(Reason.valueOf("REASON_" + reason)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cam 1                             | cam 1",
                "kamera-ö                          | kamera-?",
                "cam1%0Aforged                     | cam1?forged",
                "#!::r=cam1,m=request,s=secret     | cam1",
                "#!::r=cam 1?token=secret          | cam 1",
                "cam 1:joe:secret                  | cam 1",
                "publish:cam 1:joe:secret          | cam 1",
                "#!::m=publish,s=secret            | ''",
            })
    void whatIsRefusedIsShownWithoutItsCredential(String streamId, String read) {
        assertThat(PublishRequest.parse(streamId))
                .isInstanceOfSatisfying(
                        PublishRequest.Refused.class,
                        refused -> assertThat(refused.read()).isEqualTo(read));
    }

    @Test
    void whatIsRefusedIsShownShortened() {
        assertThat(PublishRequest.parse("x ".repeat(200)))
                .isInstanceOfSatisfying(
                        PublishRequest.Refused.class,
                        refused -> assertThat(refused.read()).hasSize(128));
    }

    @Property
    void anyBytesAreReadOrRefused(@ForAll byte[] bytes) {
        assertThat(PublishRequest.parse(bytes, bytes.length)).isNotNull();
    }

    @Property
    void everyValidIdIsReadAsItselfInTheStandardForm(@ForAll int seed) {
        String id = "cam" + Integer.toUnsignedString(seed, 36) + "/a.b_c~d-e";
        byte[] bytes = ("#!::r=" + id + ",m=publish").getBytes(StandardCharsets.UTF_8);
        assertThat(PublishRequest.parse(bytes, bytes.length))
                .isInstanceOfSatisfying(
                        PublishRequest.Publish.class,
                        publish -> assertThat(publish.id().value()).isEqualTo(id));
    }
}
