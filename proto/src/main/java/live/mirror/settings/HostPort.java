package live.mirror.settings;

import java.net.InetSocketAddress;

/**
 * Where something listens or is reached.
 *
 * @param host name or address; an IPv6 address stands in brackets
 * @param port 0 to 65535; 0 lets the system choose
 */
public record HostPort(String host, int port) {

    /** The same with another port. */
    public HostPort withPort(int newPort) {
        return new HostPort(host, newPort);
    }

    /** For a socket. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
