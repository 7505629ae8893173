package live.mirror.control.registry;

import io.lettuce.core.RedisURI;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * A redis-server of our own: on a unix socket in a directory that only we can read, with a random
 * password, without persistence unless it is told where. A small shell stands between: it holds the
 * reading end of a pipe whose writing end is ours, so that however this process ends, {@code kill
 * -9} included, the pipe closes and the shell ends the server and removes the directory. A thread
 * starts it again when it ends by itself.
 */
public final class ChildRedis implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ChildRedis.class.getName());
    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    /** $1 is the server, $2 its directory. Descriptor 3 is the pipe. */
    private static final String SUPERVISOR =
            """
            trap '' INT HUP
            exec 3<&0 </dev/null
            "$1" "$2/redis.conf" 3<&- >"$2/log" 2>&1 &
            server=$!
            { read -r _ <&3; kill -9 $server 2>/dev/null; rm -rf "$2"; } &
            watcher=$!
            exec 3<&-
            trap 'kill -9 $server' TERM
            wait $server
            kill $watcher 2>/dev/null
            tail -n 3 "$2/log" 2>/dev/null
            """;

    private final String command;
    private final Path directory;
    private final Optional<Path> data;
    private final String password;
    private final Thread keeper;

    private final CountDownLatch closed = new CountDownLatch(1);

    private volatile Process supervisor;

    private ChildRedis(String command, Path directory, Optional<Path> data, String password)
            throws IOException {
        this.command = command;
        this.data = data.map(Path::toAbsolutePath);
        this.directory = directory;
        this.password = password;
        this.supervisor = launch();
        this.keeper = Thread.ofVirtual().name("child-redis").unstarted(this::keep);
    }

    /**
     * Starts the server and waits until it listens.
     *
     * @param command the name or path of redis-server
     * @param data where it keeps its data; nowhere when empty
     */
    public static ChildRedis start(String command, Optional<Path> data) {
        try {
            if (data.isPresent()) {
                Files.createDirectories(data.get());
            }
            Path directory =
                    Files.createTempDirectory(
                            "mirror-redis-",
                            PosixFilePermissions.asFileAttribute(
                                    PosixFilePermissions.fromString("rwx------")));
            byte[] secret = new byte[24];
            new SecureRandom().nextBytes(secret);
            ChildRedis redis =
                    new ChildRedis(command, directory, data, HexFormat.of().formatHex(secret));
            redis.awaitSocket();
            redis.keeper.start();
            return redis;
        } catch (IOException e) {
            throw new UncheckedIOException("the Redis of our own does not start: " + e, e);
        }
    }

    /** Where to connect. */
    public RedisURI uri() {
        return RedisURI.Builder.socket(socket().toString()).withPassword(password).build();
    }

    /** The server's process id, for tests that hurt it. */
    long pid() {
        return supervisor
                .children()
                .filter(child -> child.info().command().orElse("").contains("redis"))
                .findFirst()
                .orElseThrow()
                .pid();
    }

    private Path socket() {
        return directory.resolve("redis.sock");
    }

    private Process launch() throws IOException {
        Files.deleteIfExists(socket());
        Files.writeString(
                directory.resolve("redis.conf"),
                """
                port 0
                unixsocket %s
                unixsocketperm 600
                requirepass %s
                dir %s
                save ""
                appendonly %s
                appendfsync everysec
                maxmemory-policy noeviction
                """
                        .formatted(
                                socket(),
                                password,
                                data.orElse(directory),
                                data.isPresent() ? "yes" : "no"));
        return new ProcessBuilder(
                        "setsid", "sh", "-c", SUPERVISOR, "mirror-redis", command, directory + "")
                .redirectErrorStream(true)
                .start();
    }

    private void awaitSocket() throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers()) {
            try {
                if (supervisor.waitFor(10, TimeUnit.MILLISECONDS)) {
                    throw new IOException(command + " ended: " + lastWords());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            if (System.nanoTime() > deadline) {
                close();
                throw new IOException(command + " does not listen after " + START_LIMIT);
            }
        }
    }

    /** The file is there a moment before the server listens. */
    private boolean answers() {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket()))) {
            return channel.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private String lastWords() throws IOException {
        return new String(supervisor.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
                .strip();
    }

    /** Runs on its own virtual thread until {@link #close}. */
    private void keep() {
        try {
            while (closed.getCount() > 0) {
                supervisor.waitFor();
                if (closed.getCount() > 0) {
                    restart();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart() throws InterruptedException {
        try {
            LOG.log(
                    Level.WARNING,
                    "the Redis of our own ended and is started again: " + lastWords());
            supervisor = launch();
            awaitSocket();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the Redis of our own does not start: " + e.getMessage());
            boolean stopping = closed.await(1, TimeUnit.SECONDS);
            LOG.log(Level.DEBUG, stopping ? "stopping" : "trying again");
        }
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            // The pipe closes; the shell does the rest.
            supervisor.getOutputStream().close();
            if (!supervisor.waitFor(2, TimeUnit.SECONDS)) {
                supervisor.destroyForcibly();
            }
        } catch (IOException e) {
            supervisor.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
