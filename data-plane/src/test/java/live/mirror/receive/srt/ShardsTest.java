package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.ring.RingReader;

import org.junit.jupiter.api.Test;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Several sockets, and with them receive threads, on one port. */
class ShardsTest {

    @Test
    void thirtyTwoCallersOnOnePortOverFourShardsLoseNothing() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of("srt.shards", "4"))) {
            assertThat(fixture.receiver.addresses())
                    .hasSize(4)
                    .containsOnly(fixture.receiver.address());
            List<SrtCaller> callers = new ArrayList<>();
            for (int i = 0; i < 32; i++) {
                callers.add(fixture.call("cam" + i));
            }
            List<RingReader> readers = new ArrayList<>();
            for (int i = 0; i < callers.size(); i++) {
                readers.add(fixture.awaitStream("cam" + i).ring().reader(() -> {}));
                for (byte[] message : ReceiverFixture.messages(20, i)) {
                    callers.get(i).send(message);
                }
            }
            for (int i = 0; i < callers.size(); i++) {
                assertThat(ReceiverFixture.read(readers.get(i), 20 * ReceiverFixture.MESSAGE_BYTES))
                        .isEqualTo(ReceiverFixture.concatenated(ReceiverFixture.messages(20, i)));
            }
            Waiting.until(
                    "more than one receive thread has worked",
                    () ->
                            fixture.receiver.receiveThreadShares().stream()
                                            .filter(share -> share > 0)
                                            .count()
                                    > 1);
            callers.forEach(SrtCaller::close);
        }
    }

    @Test
    void aSecondPortMayStandForAStream() {
        int port = FreePort.udp();
        try (ReceiverFixture fixture =
                new ReceiverFixture(Map.of("srt.more-ports", port + "=studio/b"))) {
            assertThat(fixture.receiver.addresses()).hasSize(2);
            try (SrtCaller caller = SrtCaller.connect(fixture.receiver.addresses().getLast(), "")) {
                fixture.expectDelivery(caller, "studio/b", 5);
            }
            assertThat(fixture.rejectReason("")).isEqualTo(1400);
        }
    }

    @Test
    void callersThatShareAUdpPortAreToldApart() {
        int port = FreePort.udp();
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of())) {
            List<SrtCaller> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(fixture.call(new SrtCaller.Options("cam" + i).from(port)));
            }
            for (int i = 0; i < callers.size(); i++) {
                fixture.expectDelivery(callers.get(i), "cam" + i, 3);
            }
            callers.forEach(SrtCaller::close);
        }
    }
}
