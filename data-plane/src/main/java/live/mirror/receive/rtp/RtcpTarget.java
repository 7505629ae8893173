package live.mirror.receive.rtp;

import live.mirror.receive.udp.PeerAddress;
import live.mirror.receive.udp.UdpSocket;

/**
 * Where a leg's receiver reports go.
 *
 * @param socket through which
 * @param peer to whom
 */
record RtcpTarget(UdpSocket socket, PeerAddress peer) {}
