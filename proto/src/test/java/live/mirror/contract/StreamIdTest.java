package live.mirror.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"cam1", "live/studio-a/cam.1", "0", "a~b_c"})
    void acceptsWhatTheRuleAllows(String text) {
        assertThat(StreamId.parse(text)).contains(new StreamId(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "/cam1",
                "-cam",
                "cam 1",
                "cam\n1",
                "kamera-ü",
                "a{b}",
                "cam1:x",
                "#!::r=cam1"
            })
    void refusesEverythingElse(String text) {
        assertThat(StreamId.parse(text)).isEmpty();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new StreamId(text))
                .withMessage(StreamId.RULE);
    }

    @Test
    void isAtMost128CharactersLong() {
        assertThat(StreamId.isValid("a".repeat(128))).isTrue();
        assertThat(StreamId.isValid("a".repeat(129))).isFalse();
    }
}
