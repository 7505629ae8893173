package live.mirror.control.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A redis-server of a test's own on a unix socket, that can be stopped, killed and started again.
 */
public final class TestRedis implements AutoCloseable {

    private final Path directory;
    private final boolean durable;
    private Process process;

    private TestRedis(boolean durable) {
        try {
            this.directory = Files.createTempDirectory("mirror-test-redis-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.durable = durable;
        start();
    }

    /** A Redis that forgets everything when it ends. */
    public static TestRedis inMemory() {
        return new TestRedis(false);
    }

    /** A Redis that keeps every write. */
    public static TestRedis durable() {
        return new TestRedis(true);
    }

    /** Where to connect. */
    public String uri() {
        return "redis-socket://" + socket();
    }

    /** Starts it again, after {@link #kill}, and waits until it answers. */
    public void start() {
        if (process != null && process.isAlive()) {
            throw new IllegalStateException("it runs, and another one would outlive the test");
        }
        try {
            Files.deleteIfExists(socket());
            process =
                    new ProcessBuilder(
                                    "redis-server",
                                    "--port",
                                    "0",
                                    "--unixsocket",
                                    socket().toString(),
                                    "--dir",
                                    directory.toString(),
                                    "--save",
                                    "",
                                    "--appendonly",
                                    durable ? "yes" : "no",
                                    "--appendfsync",
                                    "always")
                            .redirectErrorStream(true)
                            .redirectOutput(directory.resolve("log").toFile())
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until("redis answers", () -> Files.exists(socket()) && cli("PING").contains("PONG"));
    }

    /** kill -9. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** SIGSTOP or SIGCONT. */
    public void signal(String name) {
        run(List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    /** Runs a command; answers what redis-cli prints. */
    public String cli(String... arguments) {
        return run(
                java.util.stream.Stream.concat(
                                java.util.stream.Stream.of("redis-cli", "-s", socket().toString()),
                                java.util.stream.Stream.of(arguments))
                        .toList());
    }

    static String run(List<String> command) {
        try {
            Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
            String text =
                    new String(
                            run.getInputStream().readAllBytes(),
                            java.nio.charset.StandardCharsets.UTF_8);
            if (!run.waitFor(10, TimeUnit.SECONDS)) {
                throw new IllegalStateException(command + " hangs");
            }
            return text.strip();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private Path socket() {
        return directory.resolve("redis.sock");
    }

    @Override
    public void close() {
        kill();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
