package live.mirror.settings;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;

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

    /** Whether nobody but this machine reaches it. */
    public boolean isLoopback() {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
    }

    /** Whether it stands for every address of this machine, and so is none to call. */
    public boolean isWildcard() {
        return host.equals("0.0.0.0") || host.equals("[::]");
    }

    /** For a socket. */
    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    /**
     * Looks whether TCP can listen here, so that who starts a process is told which setting to
     * change.
     *
     * @param key the setting that this came from, as {@code delivery.address}
     * @throws SettingsException when it can't; the message says why and what to do
     */
    public void requireFree(String key) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(toSocketAddress());
        } catch (IOException e) {
            throw new SettingsException(
                    List.of(
                            "%s: nothing can listen on %s (%s); end what listens there, or set %s to another address"
                                    .formatted(
                                            key,
                                            this,
                                            e.getMessage(),
                                            SettingsReader.environmentName(key))));
        }
    }

    @Override
    public String toString() {
        return host + ":" + port;
    }
}
