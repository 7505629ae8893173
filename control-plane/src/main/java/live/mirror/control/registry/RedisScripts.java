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
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * Runs scripts on one shared connection. At most {@link #IN_FLIGHT} callers at a time, each for the
 * timeout at most, and beside them registrations of {@link #BULK_STREAMS} streams; while
 * disconnected calls fail at once. Two timeouts in a row close the connection, since a peer that
 * takes our bytes and answers nothing looks open for ever otherwise.
 */
final class RedisScripts implements AutoCloseable {

    /** More callers than this only queue in Redis, where they can't be turned away. */
    private static final int IN_FLIGHT = 64;

    /**
     * Streams of registrations that are settled at one time. Redis does one thing after the other,
     * some 50 µs for a stream, and this is what others may have to wait for.
     */
    private static final int BULK_STREAMS = 400;

    /** Registrations of a storm wait longer for their turn, since coming again costs more. */
    private static final int BULK_PATIENCE = 3;

    private static final int TIMEOUTS_UNTIL_CLOSED = 2;

    private final RedisConnector connector;
    private final Duration timeout;
    private final UnaryOperator<String> sources;
    private final String clusterKey;
    private final Semaphore calls = new Semaphore(IN_FLIGHT, true);
    private final Semaphore bulk = new Semaphore(BULK_STREAMS, true);
    private final AtomicInteger timeoutsInARow = new AtomicInteger();
    private final ConcurrentHashMap<String, Script> scripts = new ConcurrentHashMap<>();
    private final AtomicReference<RedisConnector.Connection> connection;
    private final RedisClock clock = new RedisClock(System::nanoTime);

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
        return within(calls, 1, timeout, () -> inTime(name, arguments));
    }

    /**
     * Runs a script that may be late, and whose second answer is Redis's clock: what tells us the
     * clock must not be turned away by a clock that we have wrong.
     */
    List<?> runAnytime(String name, JsonObject arguments) {
        return within(
                calls,
                1,
                timeout,
                () -> {
                    long askedNs = System.nanoTime();
                    List<?> answer = evaluate(name, arguments);
                    clock.told(Replies.number(answer.get(1)), askedNs);
                    return answer;
                });
    }

    /**
     * Runs a script that works on many streams, in its turn among its like, so that a storm of them
     * takes no places from others.
     */
    List<?> runBulk(String name, JsonObject arguments, int streams) {
        return within(
                bulk,
                Math.clamp(streams, 1, BULK_STREAMS),
                timeout.multipliedBy(BULK_PATIENCE),
                () -> inTime(name, arguments));
    }

    private List<?> inTime(String name, JsonObject arguments) {
        long answerBy = clock.in(timeout);
        if (answerBy > 0) {
            arguments.addProperty("answer_by", answerBy);
        }
        return evaluate(name, arguments);
    }

    private List<?> within(
            Semaphore places, int wanted, Duration patience, Supplier<List<?>> call) {
        try {
            if (!places.tryAcquire(wanted, patience.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new RegistryAwayException("the registry is overloaded");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryAwayException("interrupted", e);
        }
        try {
            return call.get();
        } catch (RedisException e) {
            throw new RegistryAwayException("the registry: " + e.getMessage(), e);
        } finally {
            places.release(wanted);
        }
    }

    private List<?> evaluate(String name, JsonObject arguments) {
        Script script = scripts.computeIfAbsent(name, this::load);
        String json = arguments.toString();
        String[] keys = {clusterKey};
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
                                + resource("rules.lua")
                                + "\nlocal function script()\n"
                                + resource(name + ".lua")
                                + "\nend\nlocal answer, why = whole(script)\nflush()\n"
                                + "return answer or redis.error_reply(why)\n");
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
