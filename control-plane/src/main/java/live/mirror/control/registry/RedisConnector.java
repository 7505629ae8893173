package live.mirror.control.registry;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.api.sync.RedisClusterCommands;
import io.lettuce.core.protocol.CommandType;
import io.lettuce.core.protocol.RedisCommand;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/**
 * Opens connections to Redis, of whatever kind it is. On all of them calls fail at once while they
 * are disconnected, wait for a bounded time, and queue within bounds.
 */
final class RedisConnector implements AutoCloseable {

    /** Commands that may wait on one connection. */
    private static final int QUEUE = 1024;

    private static final System.Logger LOG = System.getLogger(RedisConnector.class.getName());
    private static final Duration RETRY = Duration.ofMillis(20);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(1);

    /** How long a peer may leave our bytes unacknowledged before the system ends the connection. */
    private static final Duration TCP_LIMIT = Duration.ofSeconds(2);

    /**
     * How often a Cluster is asked which of its nodes has which slots, beside after each trouble.
     */
    private static final Duration TOPOLOGY = Duration.ofSeconds(2);

    private final ClientResources resources;
    private final AbstractRedisClient client;
    private final Supplier<Connection> connect;

    /** An open connection; its commands are the same for a server and for a Cluster. */
    record Connection(
            StatefulConnection<String, String> state,
            RedisClusterAsyncCommands<String, String> async,
            RedisClusterCommands<String, String> sync)
            implements AutoCloseable {

        @Override
        public void close() {
            state.close();
        }
    }

    /** XREAD blocks on purpose. */
    private static final class Timeouts extends TimeoutOptions.TimeoutSource {
        private final long timeoutMs;

        Timeouts(Duration timeout) {
            this.timeoutMs = timeout.toMillis();
        }

        @Override
        public long getTimeout(RedisCommand<?, ?, ?> command) {
            return command.getType() == CommandType.XREAD
                    ? timeoutMs + EventFeed.BLOCK.toMillis()
                    : timeoutMs;
        }

        @Override
        public TimeUnit getTimeUnit() {
            return TimeUnit.MILLISECONDS;
        }
    }

    /**
     * Opens nothing yet.
     *
     * @param key one of those that are all in one slot, where it is a Cluster
     */
    RedisConnector(RedisAddress address, String key, Duration timeout) {
        resources =
                ClientResources.builder()
                        .ioThreadPoolSize(2)
                        .computationThreadPoolSize(2)
                        .reconnectDelay(
                                Delay.exponential(
                                        Duration.ofMillis(50),
                                        Duration.ofSeconds(1),
                                        2,
                                        TimeUnit.MILLISECONDS))
                        .build();
        if (address.cluster()) {
            RedisClusterClient cluster = RedisClusterClient.create(resources, address.nodes());
            cluster.setOptions(clusterOptions(address, timeout));
            client = cluster;
            connect = () -> ready(cluster.connect(), key);
        } else {
            RedisURI uri = address.nodes().getFirst();
            RedisClient single = RedisClient.create(resources);
            single.setOptions(with(ClientOptions.builder(), address, timeout).build());
            client = single;
            connect = () -> of(single.connect(uri));
        }
    }

    private static ClusterClientOptions clusterOptions(RedisAddress address, Duration timeout) {
        ClusterClientOptions.Builder options = ClusterClientOptions.builder();
        with(options, address, timeout);
        return options.topologyRefreshOptions(
                        ClusterTopologyRefreshOptions.builder()
                                .adaptiveRefreshTriggersTimeout(TOPOLOGY)
                                .enablePeriodicRefresh(TOPOLOGY)
                                .build())
                .build();
    }

    private static ClientOptions.Builder with(
            ClientOptions.Builder options, RedisAddress address, Duration timeout) {
        return options.autoReconnect(true)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .requestQueueSize(QUEUE)
                // Who reads events looks first whether those that it knows are still there.
                .replayFilter(command -> command.getType() == CommandType.XREAD)
                .timeoutOptions(
                        TimeoutOptions.builder().timeoutSource(new Timeouts(timeout)).build())
                .socketOptions(socketOptions(address.nodes().getFirst()));
    }

    private static SocketOptions socketOptions(RedisURI uri) {
        SocketOptions.Builder options = SocketOptions.builder().connectTimeout(CONNECT_LIMIT);
        boolean overTcp = uri.getSocket() == null;
        options.keepAlive(SocketOptions.KeepAliveOptions.builder().enable(overTcp).build());
        if (overTcp) {
            options.tcpUserTimeout(
                    SocketOptions.TcpUserTimeoutOptions.builder()
                            .enable()
                            .tcpUserTimeout(TCP_LIMIT)
                            .build());
        }
        return options.build();
    }

    private static Connection of(StatefulRedisConnection<String, String> state) {
        return new Connection(state, state.async(), state.sync());
    }

    /**
     * A Cluster's client connects to a node when the first command goes there, and turns that one
     * away since it is not connected.
     */
    private static Connection ready(
            StatefulRedisClusterConnection<String, String> state, String key) {
        long deadlineNs = System.nanoTime() + CONNECT_LIMIT.toNanos();
        while (true) {
            try {
                long found = state.sync().exists(key);
                LOG.log(Level.DEBUG, "the node of our slot answers: {0}", found);
                return new Connection(state, state.async(), state.sync());
            } catch (RedisException e) {
                if (System.nanoTime() - deadlineNs > 0) {
                    state.close();
                    throw e;
                }
                LockSupport.parkNanos(RETRY.toNanos());
            }
        }
    }

    /** A new connection; throws a {@link io.lettuce.core.RedisException} when nobody answers. */
    Connection connect() {
        return connect.get();
    }

    @Override
    public void close() {
        client.shutdown(Duration.ZERO, Duration.ofSeconds(1));
        resources.shutdown(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
