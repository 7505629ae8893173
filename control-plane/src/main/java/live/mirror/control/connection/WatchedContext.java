package live.mirror.control.connection;

import io.helidon.common.buffers.DataReader;
import io.helidon.common.buffers.DataWriter;
import io.helidon.common.socket.HelidonSocket;
import io.helidon.common.socket.PeerInfo;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.ListenerContext;
import io.helidon.webserver.ProxyProtocolData;
import io.helidon.webserver.Router;

import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** What Helidon gives to a protocol, with a reader, a writer and an executor that are watched. */
final class WatchedContext implements ConnectionContext {

    private final ConnectionContext context;
    private final Connection connection;
    private final DataReader reader;
    private final DataWriter writer;
    private final ExecutorService executor;

    WatchedContext(ConnectionContext context, Connection connection) {
        this.context = context;
        this.connection = connection;
        // What was read to tell the protocol is still in Helidon's own reader.
        reader = DataReader.create(() -> connection.read(context.dataReader()));
        writer = new WatchedWriter(context.dataWriter(), connection);
        executor = new CallExecutor(context.executor(), connection);
    }

    Connection connection() {
        return connection;
    }

    @Override
    public DataReader dataReader() {
        return reader;
    }

    @Override
    public DataWriter dataWriter() {
        return writer;
    }

    @Override
    public ExecutorService executor() {
        return executor;
    }

    @Override
    public ListenerContext listenerContext() {
        return context.listenerContext();
    }

    @Override
    public Router router() {
        return context.router();
    }

    @Override
    public Optional<ProxyProtocolData> proxyProtocolData() {
        return context.proxyProtocolData();
    }

    @Override
    public HelidonSocket serverSocket() {
        return context.serverSocket();
    }

    @Override
    public PeerInfo remotePeer() {
        return context.remotePeer();
    }

    @Override
    public PeerInfo localPeer() {
        return context.localPeer();
    }

    @Override
    public boolean isSecure() {
        return context.isSecure();
    }

    @Override
    public String socketId() {
        return context.socketId();
    }

    @Override
    public String childSocketId() {
        return context.childSocketId();
    }
}
