package live.mirror.control.connection;

import io.helidon.common.socket.SocketOptions;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.grpc.GrpcConfig;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http2.Http2Config;
import io.helidon.webserver.spi.ServerConnectionSelector;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/**
 * The connections of one listener. A connection takes a place from the accept on, so that a
 * handshake that never ends is bounded as well; at the bound, who keeps us waiting longest makes
 * room. Accepts come on Helidon's listener thread; a virtual thread sweeps.
 */
public final class Connections implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Connections.class.getName());

    /** Who owes something first, and among those who has for longest. */
    private static Comparator<Connection> byPatience(long nowNs) {
        return Comparator.comparing(Connection::isOwed)
                .thenComparingLong(connection -> connection.waitedNs(nowNs));
    }

    private final String listener;
    private final ConnectionLimits limits;
    private final ConnectionCounters counters;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Map<Connection.Ends, Connection> open = new ConcurrentHashMap<>();

    // Guarded by this.
    private final Map<ByteBuffer, Integer> places = new HashMap<>();
    private final Map<Ending, Integer> untold = new EnumMap<>(Ending.class);
    private String lastPeer = "";
    private long toldNs = System.nanoTime() - TimeUnit.SECONDS.toNanos(1);

    /** Those of the listener of this name; they are looked after from now on. */
    public Connections(String listener, ConnectionLimits limits, ConnectionCounters counters) {
        this.listener = listener;
        this.limits = limits;
        this.counters = counters;
        Thread.ofVirtual().name("connections-" + listener).start(this::run);
    }

    /** What to give to Helidon: it shows each connection to its socket options first of all. */
    public SocketOptions options() {
        return new AcceptOptions(this::accept);
    }

    /** The protocols to give to Helidon. */
    public List<ServerConnectionSelector> protocols(
            Http1Config.Builder http1, Http2Config http2, GrpcConfig grpc) {
        return WatchedProtocol.all(this, http1, http2, grpc);
    }

    private synchronized void accept(SocketChannel channel) {
        long nowNs = System.nanoTime();
        Connection arrived;
        try {
            arrived = new Connection(channel, nowNs);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        ByteBuffer source = arrived.source();
        if (isFull() || isFull(source)) {
            forgetClosed();
        }
        if (isFull(source)) {
            displace(nowNs, other -> other.source().equals(source));
        } else if (isFull()) {
            displace(nowNs, _ -> true);
        }
        if (isFull() || isFull(source)) {
            count(Ending.REFUSED, arrived);
            throw new IllegalStateException("no place is left");
        }
        open.put(arrived.ends(), arrived);
        places.merge(source, 1, Integer::sum);
        counters.opened();
    }

    private boolean isFull() {
        return open.size() >= limits.max();
    }

    private boolean isFull(ByteBuffer source) {
        return places.getOrDefault(source, 0) >= limits.maxPerSource();
    }

    private void displace(long nowNs, Predicate<Connection> among) {
        open.values().stream()
                .filter(among)
                .filter(Connection::waits)
                .max(byPatience(nowNs))
                .ifPresent(connection -> end(connection, Ending.DISPLACED));
    }

    private void end(Connection connection, Ending ending) {
        connection.close();
        count(ending, connection);
        forget(connection);
    }

    private void count(Ending ending, Connection connection) {
        counters.ended(ending);
        if (ending != Ending.IDLE) {
            untold.merge(ending, 1, Integer::sum);
            lastPeer = connection.ends().remote().toString();
        }
    }

    private void forgetClosed() {
        open.values().stream().filter(each -> !each.isOpen()).forEach(this::forget);
    }

    private void forget(Connection connection) {
        if (open.remove(connection.ends(), connection)) {
            places.computeIfPresent(
                    connection.source(), (_, count) -> count == 1 ? null : count - 1);
            counters.closed();
        }
    }

    /** The one that Helidon serves now. */
    Connection of(ConnectionContext context) {
        try {
            SocketAddress local = context.localPeer().address();
            SocketAddress remote = context.remotePeer().address();
            return Optional.ofNullable(open.get(new Connection.Ends(local, remote)))
                    .orElseThrow(() -> new CloseConnectionException("it was hung up"));
        } catch (UncheckedIOException e) {
            throw new CloseConnectionException("it was hung up", e);
        }
    }

    private void run() {
        Duration tenth = limits.requestTimeout().dividedBy(10);
        long intervalMs = Math.clamp(tenth.toMillis(), 20, 1_000);
        try {
            while (!closed.await(intervalMs, TimeUnit.MILLISECONDS)) {
                sweep();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void sweep() {
        long nowNs = System.nanoTime();
        forgetClosed();
        for (Connection connection : open.values()) {
            connection.overdue(nowNs, limits).ifPresent(ending -> end(connection, ending));
        }
        if (!untold.isEmpty() && nowNs - toldNs >= TimeUnit.SECONDS.toNanos(1)) {
            toldNs = nowNs;
            LOG.log(
                    Level.WARNING,
                    "server.{0} ended connections whose peers kept it waiting, or had no place for"
                            + " them: {1}, the last one of {2}; {3} are open",
                    listener,
                    untold,
                    lastPeer,
                    open.size());
            untold.clear();
        }
    }

    @Override
    public void close() {
        closed.countDown();
        synchronized (this) {
            List.copyOf(open.values()).forEach(this::forget);
        }
    }
}
