package live.mirror.link;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.stream.Decision;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.stream.RingSizing;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;

class GatekeeperTest {

    private static final int MIB = 1 << 20;

    @Test
    void wherePublishersFindNoRingTheyAreRefusedForCapacity() throws Exception {
        LiveStreams streams =
                new LiveStreams(
                        new RingSizing(Duration.ofSeconds(1), MIB, MIB, MIB),
                        InstantSource.system());
        Membership membership = new Membership();
        Gatekeeper gatekeeper =
                new Gatekeeper(
                        membership,
                        streams,
                        new Releases(membership),
                        new IngestTokens("w1", InstantSource.system()));
        Offer first =
                new Offer(new StreamId("cam1"), Protocol.PROTOCOL_SRT, "127.0.0.1:4000", 0, "");
        Offer second =
                new Offer(new StreamId("cam2"), Protocol.PROTOCOL_SRT, "127.0.0.1:4001", 0, "");
        streams.begin(first, new Decision.Admitted(1, 0, Duration.ZERO), _ -> {});
        assertThat(
                        gatekeeper.gate(
                                second.id(),
                                Protocol.PROTOCOL_SRT,
                                InetSocketAddress.createUnresolved("127.0.0.1", 4001)))
                .isEqualTo(Reason.REASON_CAPACITY);
        assertThat(gatekeeper.claim(second))
                .isInstanceOfSatisfying(
                        Decision.Rejected.class,
                        rejected ->
                                assertThat(rejected.reason()).isEqualTo(Reason.REASON_CAPACITY));
    }
}
