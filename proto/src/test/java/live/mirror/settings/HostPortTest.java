package live.mirror.settings;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.ServerSocket;

class HostPortTest {

    @Test
    void aTakenPortIsToldWithItsSettingAndTheVariableThatChangesIt() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostPort address = new HostPort("127.0.0.1", taken.getLocalPort());
            assertThatExceptionOfType(SettingsException.class)
                    .isThrownBy(() -> address.requireFree("delivery.address"))
                    .withMessageContaining("delivery.address: nothing can listen on " + address)
                    .withMessageContaining("MIRROR_DELIVERY_ADDRESS");
        }
    }

    @Test
    void aHostThatIsNotThisMachineIsToldAsWell() {
        // 192.0.2.0/24 is for documentation (RFC 5737).
        HostPort elsewhere = new HostPort("192.0.2.1", 0);
        assertThatExceptionOfType(SettingsException.class)
                .isThrownBy(() -> elsewhere.requireFree("server.http"))
                .withMessageContaining("192.0.2.1");
    }

    @Test
    void aFreePortPasses() {
        new HostPort("127.0.0.1", 0).requireFree("server.http");
    }
}
