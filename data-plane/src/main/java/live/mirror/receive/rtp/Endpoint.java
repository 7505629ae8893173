package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;

/**
 * A socket of an input.
 *
 * @param socket the socket
 * @param channel what comes through it
 * @param leg for which leg
 */
record Endpoint(UdpSocket socket, Channel channel, int leg) {}
