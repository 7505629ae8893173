package live.mirror.receive.rtp;

import live.mirror.rtp.BigEndian;
import live.mirror.rtp.WireBytes;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** Sends numbered RTP packets of one source over loopback. */
public final class RtpSender implements AutoCloseable {

    static final int TS_PAYLOAD = 7 * 188;
    private static final int TICKS_PER_PACKET = 90;

    private final DatagramChannel channel;
    private final int ssrc;

    /** To a port of this machine. */
    public RtpSender(SocketAddress to, int ssrc) {
        this(to, ssrc, 0);
    }

    /** From a port of its own; 0 lets the system choose. */
    RtpSender(SocketAddress to, int ssrc, int localPort) {
        this(to, ssrc, InetAddress.getLoopbackAddress(), localPort);
    }

    /** From an address of the loopback interface. */
    RtpSender(SocketAddress to, int ssrc, InetAddress from, int localPort) {
        this.ssrc = ssrc;
        try {
            channel = DatagramChannel.open();
            channel.bind(new InetSocketAddress(from, localPort));
            channel.connect(to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Into a group, by this interface, from an address of it. */
    static RtpSender multicast(
            InetSocketAddress group, String interfaceName, InetAddress from, int ssrc)
            throws IOException {
        DatagramChannel channel =
                DatagramChannel.open(
                        from instanceof Inet6Address
                                ? StandardProtocolFamily.INET6
                                : StandardProtocolFamily.INET);
        channel.setOption(
                StandardSocketOptions.IP_MULTICAST_IF, NetworkInterface.getByName(interfaceName));
        channel.bind(new InetSocketAddress(from, 0));
        channel.connect(group);
        return new RtpSender(channel, ssrc);
    }

    private RtpSender(DatagramChannel channel, int ssrc) {
        this.channel = channel;
        this.ssrc = ssrc;
    }

    int localPort() {
        try {
            return ((InetSocketAddress) channel.getLocalAddress()).getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Seven TS packets that carry the number. */
    static byte[] payload(long number) {
        byte[] payload = new byte[TS_PAYLOAD];
        for (int at = 0; at < payload.length; at += 188) {
            payload[at] = 0x47;
            payload[at + 1] = 0x1f;
            payload[at + 2] = (byte) 0xff;
            payload[at + 3] = 0x10;
            BigEndian.put32(payload, at + 4, (int) (number >>> 32));
            BigEndian.put32(payload, at + 8, (int) number);
        }
        return payload;
    }

    /** Packet of this number: its low 16 bits are the sequence number. */
    public void send(long number) {
        send(packet(number));
    }

    byte[] packet(long number) {
        return WireBytes.rtp(
                33, (int) number & 0xffff, (int) number * TICKS_PER_PACKET, ssrc, payload(number));
    }

    void send(byte[] datagram) {
        try {
            channel.write(ByteBuffer.wrap(datagram));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What came back within the bound, or null. */
    byte[] receive() {
        ByteBuffer buffer = ByteBuffer.allocate(2048);
        try {
            channel.configureBlocking(false);
            Waiting.until(
                    "something came back",
                    () -> {
                        try {
                            return channel.read(buffer) > 0;
                        } catch (IOException e) {
                            throw new UncheckedIOException(e);
                        }
                    });
            channel.configureBlocking(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
