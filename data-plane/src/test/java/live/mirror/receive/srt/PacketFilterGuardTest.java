package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.srt.libsrt.SrtCaller;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.util.Map;

/**
 * What a handshake may ask for as its packet filter. libsrt makes what it says: a thousand times
 * the columns that anybody needs are gigabytes.
 */
class PacketFilterGuardTest {

    private final ReceiverFixture fixture = new ReceiverFixture(Map.of());

    @AfterEach
    void stop() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fec,cols:10,rows:5",
                "fec,cols:100,rows:-9",
                "fec,cols:10,rows:-999",
                "fec,rows:100,cols:999",
                "fec,cols:20,rows:20,layout:staircase,arq:onreq",
                "fec,cols:999,rows:-999,layout:staircase,arq:always",
                "fec,layout:even,arq:never,cols:123,rows:123"
            })
    void figuresOfThreeDigitsAreTaken(String configuration) throws IOException {
        assertThat(answered(configuration)).isTrue();
        assertThat(fixture.receiver.droppedDatagrams()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "fec,cols:9999,rows:5",
                "fec,cols:09999,rows:5",
                "fec,cols:999999,rows:-5",
                "fec,rows:5,cols:9999",
                "fec,rows:55,cols:9999",
                "fec,rows:555,cols:9999",
                "fec,cols:+9999",
                "fec,layout:staircase,arq:never,rows:-5,cols:1000000",
                "fec,cols:10,rows:-1000,layout:staircase,arq:always",
                "fec,cols:10,rows:5,layout:staircase,arq:always,cols:9999"
            })
    void longerOnesDoNotGetAsFarAsLibsrt(String configuration) throws IOException {
        assertThat(dropped(configuration)).isTrue();
        try (SrtCaller next = fixture.call("cam1")) {
            fixture.expectDelivery(next, "cam1", 20);
        }
    }

    private boolean answered(String configuration) throws IOException {
        try (RawSrtPeer peer = new RawSrtPeer(fixture.receiver.address())) {
            return peer.connect("cam1", configuration);
        }
    }

    private boolean dropped(String configuration) throws IOException {
        long before = fixture.receiver.droppedDatagrams();
        try (RawSrtPeer peer = new RawSrtPeer(fixture.receiver.address())) {
            peer.sendInduction();
            peer.awaitAnswer();
            peer.sendConclusion("cam1", peer.cookie(), configuration);
        }
        // The kernel decides while it is sent.
        return fixture.receiver.droppedDatagrams() == before + 1;
    }
}
