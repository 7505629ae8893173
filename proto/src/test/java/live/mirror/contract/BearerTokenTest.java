package live.mirror.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Metadata;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BearerTokenTest {

    @Test
    void whatIsPutIsShown() {
        Metadata headers = new Metadata();
        assertThat(BearerToken.shown(headers)).isEmpty();

        BearerToken.put(headers, "a-token-of-enough-length");

        assertThat(BearerToken.shown(headers)).contains("a-token-of-enough-length");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Bearer abc", "bearer abc", "BEARER  abc"})
    void theSchemesCaseSaysNothing(String authorization) {
        assertThat(BearerToken.shown(authorization)).contains("abc");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "Bearer", "Bearerabc", "Basic YTpi", " Bearer abc"})
    void whatIsNoBearerTokenIsNone(String authorization) {
        assertThat(BearerToken.shown(authorization)).isEmpty();
    }
}
