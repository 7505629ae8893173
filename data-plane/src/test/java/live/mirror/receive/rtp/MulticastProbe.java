package live.mirror.receive.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.receive.udp.Membership;
import live.mirror.receive.udp.UdpSocket;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * A process of {@link MulticastTest}, in a network of its own: what goes out by {@code wire0},
 * which has two addresses, comes in by {@code wire1}. Ends with an exception when anything is not
 * as it should be.
 */
final class MulticastProbe {

    static final String FIRST = "fd00:1::1";
    static final String SECOND = "fd00:1::2";

    private static final StreamId HERE = new StreamId("here");
    private static final StreamId ELSEWHERE = new StreamId("elsewhere");
    private static final int PACKETS = 10;

    private MulticastProbe() {}

    /** Receives by version 6 of IP into several kinds of groups. */
    public static void main(String[] args) throws IOException {
        // Of the site, and of the link, whose address means nothing without its interface.
        onlyTheNamedInterfaceHears("ff15::42:1");
        onlyTheNamedInterfaceHears("ff12::42:2");
        onlyTheWantedSenderIsHeard("ff35::8000:1");
        System.exit(0);
    }

    private static void onlyTheNamedInterfaceHears(String literal) throws IOException {
        InetAddress group = InetAddress.ofLiteral(literal);
        int port = FreePorts.find().getPort();
        try (StartedReceiver rtp = new StartedReceiver(Map.of());
                RtpSender sender = sender(literal, port, FIRST, 77)) {
            rtp.define(
                    RtpDefinition.onPort(
                            HERE,
                            RtpLeg.multicast(new Membership(group, "wire1", List.of()), port)),
                    RtpDefinition.onPort(
                            ELSEWHERE,
                            RtpLeg.multicast(new Membership(group, "lo", List.of()), port)));
            send(sender);
            awaitAll(rtp);
            assertThat(received(rtp)).isEqualTo(PACKETS);
            assertThat(rtp.streams.find(ELSEWHERE)).isEmpty();
            assertThat(rtp.await(HERE).metadata().getSource()).startsWith("[fd00:1:0:0:0:0:0:1]:");
        }
    }

    private static void onlyTheWantedSenderIsHeard(String literal) throws IOException {
        InetAddress group = InetAddress.ofLiteral(literal);
        int port = FreePorts.find().getPort();
        Membership wanted = new Membership(group, "wire1", List.of(InetAddress.ofLiteral(SECOND)));
        try (StartedReceiver rtp = new StartedReceiver(Map.of());
                RtpSender stranger = sender(literal, port, FIRST, 99);
                RtpSender sender = sender(literal, port, SECOND, 77)) {
            rtp.define(RtpDefinition.onPort(HERE, RtpLeg.multicast(wanted, port)));
            send(stranger);
            send(sender);
            awaitAll(rtp);
            assertThat(received(rtp)).as("of the stranger nothing").isEqualTo(PACKETS);
        }
    }

    private static RtpSender sender(String group, int port, String from, int ssrc)
            throws IOException {
        InetAddress to = InetAddress.ofLiteral(group + "%wire0");
        return RtpSender.multicast(
                new InetSocketAddress(to, port), "wire0", InetAddress.ofLiteral(from), ssrc);
    }

    private static void send(RtpSender sender) {
        for (long number = 0; number < PACKETS; number++) {
            sender.send(number);
        }
    }

    private static void awaitAll(StartedReceiver rtp) {
        Subscriber subscriber = Subscriber.fromOldest(rtp.await(HERE));
        subscriber.awaitPayloads(PACKETS);
        assertThat(subscriber.numbers()).startsWith(0L, 1L).hasSize(PACKETS);
    }

    private static long received(StartedReceiver rtp) {
        return rtp.receiver().sockets().stream().mapToLong(UdpSocket::receivedCount).sum();
    }
}
