package live.mirror.receive.srt.libsrt;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.Set;

/** The kernel's room for the filter; what it lets pass the receiver's tests see. */
class IngestFilterTest {

    /** Before Linux 6.8 a socket has 20 KiB for the old and the new one together. */
    @Test
    void thereIsRoomForAsManySourcesAsAreEverShutOut() throws UnknownHostException {
        UdpSocket socket =
                UdpSocket.bind(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                        1 << 16,
                        false,
                        true);
        try {
            Set<InetAddress> some = sources("2001:db8:0:%x::");
            Set<InetAddress> others = sources("2001:db8:1:%x::");
            assertThatCode(
                            () -> {
                                socket.shutOut(some);
                                socket.shutOut(others);
                                socket.shutOut(sources("198.51.100.%d"));
                            })
                    .doesNotThrowAnyException();
        } finally {
            socket.close();
        }
    }

    private static Set<InetAddress> sources(String pattern) throws UnknownHostException {
        Set<InetAddress> sources = new HashSet<>();
        for (int i = 0; i < 24; i++) {
            sources.add(InetAddress.getByName(pattern.formatted(i)));
        }
        return sources;
    }
}
