package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketException;

class VigilTest {

    private static final long MS = 1_000_000;

    private long nowNs = 1_000 * MS;
    private long packets;

    @Test
    void aPublisherWhosePortIsGoneIsGoneAfterTheFirstSilence() throws SocketException {
        Vigil vigil;
        try (DatagramSocket publisher = publisher()) {
            vigil = new Vigil(address(publisher), nowNs);
            live(vigil, 500);
            assertThat(vigil.yields(nowNs)).isFalse();
        }
        assertThat(silent(vigil, 50)).isTrue();
        assertThat(silent(vigil, 50)).isFalse();
        assertThat(vigil.yields(nowNs)).isTrue();
        vigil.close();
    }

    @Test
    void aNewcomerRightAfterItsEndFindsThePlaceFree() throws SocketException {
        Vigil vigil;
        try (DatagramSocket publisher = publisher()) {
            vigil = new Vigil(address(publisher), nowNs);
            live(vigil, 500);
        }
        assertThat(vigil.yields(nowNs)).isTrue();
        vigil.close();
    }

    @Test
    void aSilentPublisherThatIsThereYieldsAfterASecondOnly() throws SocketException {
        try (DatagramSocket publisher = publisher()) {
            Vigil vigil = new Vigil(address(publisher), nowNs);
            live(vigil, 500);
            assertThat(silent(vigil, 950)).isTrue();
            assertThat(vigil.yields(nowNs)).isFalse();
            assertThat(silent(vigil, 100)).isTrue();
            assertThat(vigil.yields(nowNs)).isTrue();
            vigil.close();
        }
    }

    @Test
    void aRefusalIsNotBelievedOfAPublisherThatRefusedWhileItLived() throws SocketException {
        InetSocketAddress refusing;
        try (DatagramSocket publisher = publisher()) {
            refusing = address(publisher);
        }
        Vigil vigil = new Vigil(refusing, nowNs);
        live(vigil, 500);
        assertThat(silent(vigil, 900)).isTrue();
        assertThat(vigil.yields(nowNs)).isFalse();
        vigil.close();
    }

    /** Packets come all the time. */
    private void live(Vigil vigil, int milliseconds) {
        for (int i = 0; i < milliseconds; i += 50) {
            nowNs += 50 * MS;
            assertThat(vigil.look(++packets, nowNs)).isTrue();
        }
    }

    /** Nothing comes; answers what the last look said. */
    private boolean silent(Vigil vigil, int milliseconds) {
        boolean there = true;
        for (int i = 0; i < milliseconds; i += 50) {
            nowNs += 50 * MS;
            there = vigil.look(packets, nowNs);
        }
        return there;
    }

    private static DatagramSocket publisher() throws SocketException {
        return new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static InetSocketAddress address(DatagramSocket socket) {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), socket.getLocalPort());
    }
}
