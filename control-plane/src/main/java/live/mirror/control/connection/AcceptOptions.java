package live.mirror.control.connection;

import io.helidon.common.socket.SocketOptions;

import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Socket options that show each accepted connection to somebody before Helidon serves it. If that
 * one throws, Helidon closes the connection.
 *
 * @param options the options themselves
 * @param accepted is shown each connection
 */
record AcceptOptions(SocketOptions options, Consumer<SocketChannel> accepted)
        implements SocketOptions {

    AcceptOptions(Consumer<SocketChannel> accepted) {
        this(SocketOptions.builder().tcpNoDelay(true).build(), accepted);
    }

    @Override
    public void configureSocket(SocketChannel channel) {
        accepted.accept(channel);
        options.configureSocket(channel);
    }

    @Override
    public Map<SocketOption<?>, Object> socketOptions() {
        return options.socketOptions();
    }

    @Override
    public Duration connectTimeout() {
        return options.connectTimeout();
    }

    @Override
    public Duration readTimeout() {
        return options.readTimeout();
    }

    @Override
    public Optional<Integer> socketReceiveBufferSize() {
        return options.socketReceiveBufferSize();
    }

    @Override
    public Optional<Integer> socketSendBufferSize() {
        return options.socketSendBufferSize();
    }

    @Override
    public boolean socketReuseAddress() {
        return options.socketReuseAddress();
    }

    @Override
    public boolean socketKeepAlive() {
        return options.socketKeepAlive();
    }

    @Override
    public boolean tcpNoDelay() {
        return options.tcpNoDelay();
    }
}
