package live.mirror.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {

    @Test
    void addressesAreReadFromTheirDigits() {
        assertThat(IpAddress.parse("192.0.2.7").getAddress()).containsExactly((byte) 192, 0, 2, 7);
        assertThat(IpAddress.parse("2001:db8::1").getAddress()).hasSize(16);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "5", "127.1", "192.0.2.999", "1.2.3.4.5", ":::", "a.b"})
    void whatIsNoAddressIsRefusedWithoutAskingANameServer(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> IpAddress.parse(text));
    }
}
