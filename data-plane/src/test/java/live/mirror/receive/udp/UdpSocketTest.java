package live.mirror.receive.udp;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

class UdpSocketTest {

    private static final int MAX_DATAGRAM = 2048;

    @Test
    void whatTheKernelDropsIsCountedToTheLastDatagram() throws IOException {
        int sent = 2000;
        try (UdpSocket socket = open("127.0.0.1", 64 << 10);
                DatagramChannel sender = to(socket)) {
            for (int i = 0; i < sent; i++) {
                sender.write(ByteBuffer.allocate(1000));
            }
            socket.countDrops();
            assertThat(socket.droppedCount()).isPositive();
            int received = drain(socket);
            assertThat(received + socket.droppedCount()).isEqualTo(sent);
            assertThat(socket.receivedCount()).isEqualTo(received);
            socket.countDrops();
            assertThat(received + socket.droppedCount()).as("told once").isEqualTo(sent);
        }
    }

    @Test
    void theBufferObtainedIsTold() throws IOException {
        try (UdpSocket socket = open("127.0.0.1", 100_000)) {
            // The kernel doubles what it grants.
            assertThat(socket.receiveBufferBytes()).isEqualTo(200_000);
        }
    }

    @Test
    void arrivalIsTheKernelsWhenStampsAreWanted() throws IOException {
        try (UdpSocket socket = open("127.0.0.1", 1 << 20);
                DatagramChannel sender = to(socket)) {
            long beforeNs = nowNs();
            sender.write(ByteBuffer.allocate(10));
            long afterNs = nowNs();
            assertThat(socket.receive()).isOne();
            assertThat(socket.takeArrivalNs(0)).isBetween(beforeNs, afterNs);
            socket.stamps(false);
            sender.write(ByteBuffer.allocate(10));
            assertThat(socket.receive()).isOne();
            assertThat(socket.takeArrivalNs(0)).isZero();
            socket.stamps(true);
            sender.write(ByteBuffer.allocate(10));
            assertThat(socket.receive()).isOne();
            assertThat(socket.takeArrivalNs(0)).isGreaterThan(afterNs);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "::"})
    void lengthBytesAndSenderOfEachMessageAreSeen(String address) throws IOException {
        try (UdpSocket socket = open(address, 1 << 20);
                DatagramChannel sender = to(socket)) {
            sender.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 5}));
            sender.write(ByteBuffer.allocate(3000));
            assertThat(socket.receive()).isEqualTo(2);
            assertThat(socket.length(0)).isEqualTo(5);
            assertThat(socket.intAt(0, 1)).isEqualTo(0x0203_0405);
            assertThat(socket.truncated(0)).isFalse();
            assertThat(socket.truncated(1)).isTrue();
            PeerAddress from =
                    new PeerAddress(socket.addressHigh(0), socket.addressLow(0), socket.port(0));
            assertThat(from.toSocketAddress()).isEqualTo(sender.getLocalAddress());
            assertThat(socket.receive()).isZero();
        }
    }

    private static UdpSocket open(String address, int bufferBytes) throws IOException {
        return UdpSocket.open(
                new InetSocketAddress(InetAddress.ofLiteral(address), 0),
                Optional.empty(),
                bufferBytes,
                MAX_DATAGRAM);
    }

    private static DatagramChannel to(UdpSocket socket) throws IOException {
        InetAddress address = socket.local().getAddress();
        DatagramChannel channel = DatagramChannel.open();
        InetAddress peer =
                address.isAnyLocalAddress() ? InetAddress.ofLiteral("127.0.0.1") : address;
        return channel.connect(new InetSocketAddress(peer, socket.local().getPort()));
    }

    private static int drain(UdpSocket socket) {
        int total = 0;
        int count = socket.receive();
        while (count > 0) {
            for (int i = 0; i < count; i++) {
                socket.takeArrivalNs(i);
            }
            total += count;
            count = socket.receive();
        }
        return total;
    }

    private static long nowNs() {
        Instant now = InstantSource.system().instant();
        return now.getEpochSecond() * 1_000_000_000 + now.getNano();
    }
}
