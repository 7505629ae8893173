package live.mirror.receive.udp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;

class HostOverflowsTest {

    @Test
    void aFullBufferIsCounted() throws IOException {
        long before = HostOverflows.count();
        try (DatagramChannel full = DatagramChannel.open();
                DatagramChannel sender = DatagramChannel.open()) {
            full.setOption(StandardSocketOptions.SO_RCVBUF, 2048);
            full.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            sender.connect(full.getLocalAddress());
            for (int i = 0; i < 100; i++) {
                sender.write(ByteBuffer.allocate(1000));
            }
        }
        // At least: others on this host may have one too.
        assertThat(HostOverflows.count() - before).isGreaterThan(50);
    }

    @Test
    void theKernelsTablesAreRead() {
        assertThat(
                        HostOverflows.ofIpv4(
                                List.of(
                                        "Ip: Forwarding",
                                        "Ip: 1",
                                        "Udp: InDatagrams NoPorts RcvbufErrors MemErrors",
                                        "Udp: 900 8 70 6",
                                        "UdpLite: InDatagrams RcvbufErrors",
                                        "UdpLite: 5 4")))
                .isEqualTo(76);
        assertThat(
                        HostOverflows.ofIpv6(
                                List.of(
                                        "Udp6InDatagrams                 \t9",
                                        "Udp6RcvbufErrors                \t20",
                                        "UdpLite6RcvbufErrors            \t300")))
                .isEqualTo(20);
    }
}
