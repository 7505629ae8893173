package live.mirror.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.helidon.metrics.api.FunctionalCounter;
import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.Meter;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.metrics.api.MetricsConfig;
import io.helidon.metrics.api.MetricsFactory;
import io.helidon.service.registry.Services;

import live.mirror.contract.StreamId;
import live.mirror.observe.Figures;
import live.mirror.receive.rtp.FreePorts;
import live.mirror.receive.rtp.RtpDefinition;
import live.mirror.receive.rtp.RtpLeg;
import live.mirror.receive.rtp.RtpReceiver;
import live.mirror.receive.rtp.RtpSender;
import live.mirror.receive.rtp.StartedReceiver;
import live.mirror.receive.rtp.Waiting;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The figures of sockets and legs, as they are scraped. */
class RtpMetersTest {

    private static final int SSRC = 77;

    private final MeterRegistry registry =
            Services.get(MetricsFactory.class).createMeterRegistry(MetricsConfig.create());
    private final StartedReceiver rtp =
            new StartedReceiver(
                    Map.of("rtp.tick", "20ms", "rtp.receive-buffer", "64KiB"),
                    streams -> new RtpMeters(new Figures(registry, streams)));
    private final RtpReceiver receiver = rtp.receiver();

    @AfterEach
    void stop() {
        rtp.close();
    }

    @Test
    void aLegThatLosesPacketsIsSeenWhileItDoesAndItsSeriesEndWithTheSession() {
        InetSocketAddress first = FreePorts.find();
        InetSocketAddress second = FreePorts.find();
        rtp.define(
                RtpDefinition.onPort(new StreamId("cam1"), new RtpLeg(first))
                        .withLegs(
                                List.of(new RtpLeg(first), new RtpLeg(second)),
                                Duration.ofMillis(100)));
        Set<Long> lostByTheFirst = Set.of(10L, 20L, 30L);
        try (RtpSender a = new RtpSender(first, SSRC);
                RtpSender b = new RtpSender(second, SSRC)) {
            for (long number = 0; number < 50; number++) {
                if (!lostByTheFirst.contains(number)) {
                    a.send(number);
                }
                if (number != 40) {
                    b.send(number);
                }
            }
            Waiting.until(
                    "the first leg's losses",
                    () -> leg("mirror_rtp_leg_lost_packets_total", 1).equals(Optional.of(3.0)));
            assertThat(leg("mirror_rtp_leg_saved_packets_total", 1)).contains(3.0);
            Waiting.until(
                    "the second leg's losses",
                    () -> leg("mirror_rtp_leg_lost_packets_total", 2).equals(Optional.of(1.0)));
            assertThat(leg("mirror_rtp_leg_saved_packets_total", 2)).contains(1.0);
            assertThat(leg("mirror_rtp_leg_skew_us", 2).orElseThrow()).isNotNegative();
        }
        rtp.define();
        Waiting.until("gone", () -> leg("mirror_rtp_leg_lost_packets_total", 1).isEmpty());
        assertThat(leg("mirror_rtp_leg_skew_us", 2)).isEmpty();
    }

    @Test
    void aSocketsDropsAndBufferAreItsOwn() {
        String drops = "mirror_rtp_kernel_drops_total";
        InetSocketAddress port = FreePorts.find();
        rtp.define(RtpDefinition.onPort(new StreamId("cam1"), new RtpLeg(port)));
        int sent = 2_000;
        try (RtpSender sender = new RtpSender(port, SSRC)) {
            for (long number = 0; number < sent; number++) {
                sender.send(number);
            }
        }
        // All sources together: a datagram is received or dropped.
        Waiting.until(
                "every datagram is accounted for",
                () -> socket(drops, port).orElse(0.0) + receiver.allPorts().datagrams() == sent);
        assertThat(socket(drops, port).orElseThrow()).isPositive();
        assertThat(socket(drops, receiver.address())).contains(0.0);
        assertThat(socket("mirror_rtp_receive_buffer_bytes", port)).contains(2.0 * 65_536);
        assertThat(socket("mirror_rtp_receive_errors_total", port)).contains(0.0);
        rtp.define();
        assertThat(socket(drops, port)).isEmpty();
    }

    private Optional<Double> leg(String name, int leg) {
        return figure(name, Map.of("stream_id", "cam1", "leg", Integer.toString(leg)));
    }

    private Optional<Double> socket(String name, InetSocketAddress address) {
        return figure(name, Map.of("socket", "127.0.0.1:" + address.getPort()));
    }

    private Optional<Double> figure(String name, Map<String, String> tags) {
        return registry.meters().stream()
                .filter(meter -> meter.id().name().equals(name))
                .filter(meter -> meter.id().tagsMap().entrySet().containsAll(tags.entrySet()))
                .map(RtpMetersTest::value)
                .findFirst();
    }

    private static double value(Meter meter) {
        return switch (meter) {
            case FunctionalCounter counter -> counter.count();
            case Gauge<?> gauge -> gauge.value().doubleValue();
            default -> throw new IllegalArgumentException(meter.toString());
        };
    }
}
