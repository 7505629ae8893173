package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;

/**
 * A source whose probation is over: its address and SSRC are pinned. Belongs to the tick thread.
 */
final class Source {

    final RtpSession session;
    final int ssrc;
    final long high;
    final long low;
    final int port;

    /** When its last packet was read. */
    long lastNs;

    /** Where its RTCP comes from, as far as it is known. */
    private int rtcpPort;

    private boolean rtcpMultiplexed;

    Source(RtpSession session, int ssrc, long high, long low, int port, long nowNs) {
        this.session = session;
        this.ssrc = ssrc;
        this.high = high;
        this.low = low;
        this.port = port;
        this.lastNs = nowNs;
    }

    boolean matches(UdpSocket socket, int index, int packetSsrc) {
        return packetSsrc == ssrc && isFrom(socket, index) && socket.port(index) == port;
    }

    /** Whether a datagram comes from the same host. */
    boolean isFrom(UdpSocket socket, int index) {
        return socket.addressLow(index) == low && socket.addressHigh(index) == high;
    }

    boolean isSilent(long nowNs, long silenceNs) {
        return nowNs - lastNs >= silenceNs;
    }

    /** Remembers where RTCP comes from; answers whether that is new. */
    boolean rtcpFrom(int newPort, boolean multiplexed) {
        if (newPort == rtcpPort && multiplexed == rtcpMultiplexed) {
            return false;
        }
        rtcpPort = newPort;
        rtcpMultiplexed = multiplexed;
        return true;
    }
}
