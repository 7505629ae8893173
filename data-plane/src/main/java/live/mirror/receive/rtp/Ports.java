package live.mirror.receive.rtp;

import live.mirror.receive.udp.Membership;
import live.mirror.receive.udp.UdpSocket;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Opens the sockets that belong together: media, RTCP above it, parity above that. Any thread. */
final class Ports {

    private static final Logger LOG = System.getLogger(Ports.class.getName());
    private static final int PORT_PAIR_ATTEMPTS = 50;
    private static final int COLUMN_PORT = 2;
    private static final int ROW_PORT = 4;

    private final RtpSettings settings;

    Ports(RtpSettings settings) {
        this.settings = settings;
    }

    /** All sockets of a definition. */
    List<Endpoint> open(RtpDefinition definition) throws IOException {
        List<Endpoint> endpoints = new ArrayList<>();
        try {
            for (int leg = 0; leg < definition.legs().size(); leg++) {
                RtpLeg where = definition.legs().get(leg);
                add(endpoints, where, 0, Channel.MEDIA, leg);
                add(endpoints, where, 1, Channel.RTCP, leg);
                if (definition.parity()) {
                    add(endpoints, where, COLUMN_PORT, Channel.FEC_COLUMN, leg);
                    add(endpoints, where, ROW_PORT, Channel.FEC_ROW, leg);
                }
            }
        } catch (IOException e) {
            endpoints.forEach(endpoint -> endpoint.socket().close());
            throw e;
        }
        return List.copyOf(endpoints);
    }

    private void add(
            List<Endpoint> endpoints, RtpLeg leg, int portOffset, Channel channel, int index)
            throws IOException {
        InetSocketAddress bind =
                new InetSocketAddress(leg.bind().getAddress(), leg.bind().getPort() + portOffset);
        UdpSocket socket = open(bind, leg.membership());
        if (channel == Channel.MEDIA) {
            warnOfSmallBuffer(socket);
        }
        endpoints.add(new Endpoint(socket, channel, index));
    }

    /** The media port and the one above it for RTCP; of port 0 a pair that is free. */
    List<Endpoint> openPair(InetSocketAddress bind) throws IOException {
        IOException last = new IOException("no two ports in a row are free");
        int attempts = bind.getPort() == 0 ? PORT_PAIR_ATTEMPTS : 1;
        for (int i = 0; i < attempts; i++) {
            UdpSocket media = open(bind, Optional.empty());
            try {
                int rtcpPort = media.local().getPort() + 1;
                UdpSocket rtcp =
                        open(new InetSocketAddress(bind.getAddress(), rtcpPort), Optional.empty());
                warnOfSmallBuffer(media);
                return List.of(
                        new Endpoint(media, Channel.MEDIA, 0), new Endpoint(rtcp, Channel.RTCP, 0));
            } catch (IOException e) {
                media.close();
                last = e;
            }
        }
        throw last;
    }

    private UdpSocket open(InetSocketAddress bind, Optional<Membership> membership)
            throws IOException {
        return UdpSocket.open(
                bind, membership, settings.receiveBufferBytes(), settings.maxDatagramBytes());
    }

    private void warnOfSmallBuffer(UdpSocket socket) {
        // The kernel shows twice of what it was asked for.
        if (socket.receiveBufferBytes() < 2L * settings.receiveBufferBytes()) {
            LOG.log(
                    Level.WARNING,
                    "rtp.receive-buffer: asked for {0} bytes, got {1}; sysctl -w"
                            + " net.core.rmem_max={0} allows it",
                    Integer.toString(settings.receiveBufferBytes()),
                    Integer.toString(socket.receiveBufferBytes() / 2));
        }
    }
}
