package live.mirror.control.registry;

import com.google.gson.JsonObject;

import io.lettuce.core.RedisException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * Runs scripts on one shared connection. At most {@link #IN_FLIGHT} callers at a time, each for the
 * timeout at most; while disconnected calls fail at once. Two timeouts in a row close the
 * connection, since a peer that takes our bytes and answers nothing looks open for ever otherwise.
 */
final class RedisScripts implements AutoCloseable {

    /** More callers than this only queue in Redis, where they can't be turned away. */
    private static final int IN_FLIGHT = 64;

    /** About as much work as a claim and what belongs to it. */
    private static final int STREAMS_PER_PLACE = 25;

    private static final int TIMEOUTS_UNTIL_CLOSED = 2;

    private final RedisConnector connector;
    private final Duration timeout;
    private final UnaryOperator<String> sources;
    private final String clusterKey;
    private final Semaphore permits = new Semaphore(IN_FLIGHT, true);
    private final AtomicInteger timeoutsInARow = new AtomicInteger();
    private final ConcurrentHashMap<String, Script> scripts = new ConcurrentHashMap<>();
    private final AtomicReference<RedisConnector.Connection> connection;

    private record Script(String source, String digest) {}

    RedisScripts(
            RedisAddress address, String prefix, Duration timeout, UnaryOperator<String> sources) {
        this.sources = sources;
        this.timeout = timeout;
        this.clusterKey = prefix + "cluster";
        this.connector = new RedisConnector(address, clusterKey, timeout);
        this.connection = new AtomicReference<>(connector.connect());
    }

    /** A connection of the caller's own, for commands that block. */
    RedisConnector.Connection dedicatedConnection() {
        return connector.connect();
    }

    /** Runs a script; every script answers a list. Blocks at most for the timeout. */
    List<?> run(String name, JsonObject arguments) {
        return run(name, arguments, 0);
    }

    /**
     * Runs a script that works on many streams: it counts for more callers, since Redis does one
     * thing at a time and what waits behind has its timeout too.
     */
    List<?> run(String name, JsonObject arguments, int streams) {
        int places = Math.min(IN_FLIGHT, 1 + streams / STREAMS_PER_PLACE);
        Script script = scripts.computeIfAbsent(name, this::load);
        String[] keys = {clusterKey};
        String json = arguments.toString();
        try {
            if (!permits.tryAcquire(places, timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryAwayException("the registry is overloaded");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryAwayException("interrupted", e);
        }
        try {
            try {
                return await(
                        connection
                                .get()
                                .async()
                                .evalsha(script.digest(), ScriptOutputType.MULTI, keys, json));
            } catch (RedisNoScriptException e) {
                // Redis was restarted, or its scripts were flushed; EVAL loads it again.
                return await(
                        connection
                                .get()
                                .async()
                                .eval(script.source(), ScriptOutputType.MULTI, keys, json));
            }
        } catch (RedisException e) {
            throw new RegistryAwayException("the registry: " + e.getMessage(), e);
        } finally {
            permits.release(places);
        }
    }

    private List<?> await(RedisFuture<List<?>> future) {
        try {
            List<?> answer = future.get(timeout.toMillis() * 2, TimeUnit.MILLISECONDS);
            timeoutsInARow.set(0);
            return answer;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof io.lettuce.core.RedisCommandTimeoutException) {
                countTimeout();
            }
            throw e.getCause() instanceof RedisException cause
                    ? cause
                    : new RedisException(e.getCause());
        } catch (TimeoutException e) {
            countTimeout();
            throw new RedisException("no answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisException("interrupted", e);
        }
    }

    private void countTimeout() {
        if (timeoutsInARow.incrementAndGet() == TIMEOUTS_UNTIL_CLOSED) {
            timeoutsInARow.set(0);
            RedisConnector.Connection stuck = connection.get();
            Thread.ofVirtual().name("redis-watchdog").start(() -> replace(stuck));
        }
    }

    private void replace(RedisConnector.Connection stuck) {
        try {
            RedisConnector.Connection fresh = connector.connect();
            (connection.compareAndSet(stuck, fresh) ? stuck : fresh).close();
        } catch (RedisException e) {
            // Still away; the next timeout tries again.
            timeoutsInARow.set(TIMEOUTS_UNTIL_CLOSED - 1);
        }
    }

    private Script load(String name) {
        String source =
                sources.apply(
                        resource("common.lua")
                                + "\nlocal function script()\n"
                                + resource(name + ".lua")
                                + "\nend\nlocal answer = script()\nflush()\nreturn answer\n");
        return new Script(source, connection.get().async().digest(source));
    }

    private static String resource(String name) {
        try (InputStream in = RedisScripts.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is not on the class path");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        connection.get().close();
        connector.close();
    }
}
