package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.udp.UdpSocket;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;

class ArrivalOrderTest {

    private final List<Endpoint> endpoints =
            List.of(
                    new Endpoint(open(), Channel.MEDIA, 0),
                    new Endpoint(open(), Channel.FEC_COLUMN, 0),
                    new Endpoint(open(), Channel.MEDIA, 1));
    private final ArrivalOrder order =
            new ArrivalOrder(endpoints, new WallClock(InstantSource.system()));

    @AfterEach
    void close() {
        endpoints.forEach(endpoint -> endpoint.socket().close());
    }

    @Test
    void whatALateTickFindsIsReadAsItCame() throws IOException {
        Random random = new Random(3);
        List<Integer> sent = new ArrayList<>();
        try (DatagramChannel channel = DatagramChannel.open()) {
            for (int number = 0; number < 1000; number++) {
                int socket = number < 300 ? 0 : random.nextInt(3);
                sent.add(number);
                channel.send(
                        ByteBuffer.allocate(4).putInt(number).flip(),
                        endpoints.get(socket).socket().local());
            }
        }
        assertThat(read()).isEqualTo(sent);
        assertThat(read()).isEmpty();
    }

    private List<Integer> read() {
        List<Integer> numbers = new ArrayList<>();
        long lastNs = Long.MIN_VALUE;
        order.begin(System.nanoTime());
        while (order.advance()) {
            numbers.add(order.endpoint().socket().intAt(order.index(), 0));
            assertThat(order.arrivalNs()).isGreaterThanOrEqualTo(lastNs);
            lastNs = order.arrivalNs();
        }
        return numbers;
    }

    private static UdpSocket open() {
        try {
            return UdpSocket.open(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                    Optional.empty(),
                    4 << 20,
                    2048);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
