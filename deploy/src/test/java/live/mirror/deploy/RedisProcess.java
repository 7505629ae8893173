package live.mirror.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A redis-server of a test's own, on a unix socket, that keeps every write on disk. */
final class RedisProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(10);

    private final Path directory;
    private Process process;

    /** Starts it in this directory and waits until it answers. */
    RedisProcess(Path directory) throws Exception {
        this.directory = directory;
        this.process = launch();
    }

    /** For {@code registry.redis.uri}. */
    String uri() {
        return "redis-socket://" + socket();
    }

    /** Starts it again, after {@link #kill}, with the data that it had. */
    void start() throws Exception {
        process = launch();
    }

    /** kill -9. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** SIGSTOP or SIGCONT. */
    void signal(String name) throws Exception {
        signal(process.toHandle(), name);
    }

    /** The same to another process. */
    static void signal(ProcessHandle process, String name) throws Exception {
        run(List.of("kill", "-" + name, Long.toString(process.pid())));
    }

    /** Runs a command; answers what redis-cli prints. */
    String cli(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-s", socket().toString()));
        command.addAll(List.of(arguments));
        return run(command);
    }

    private Process launch() throws Exception {
        Files.deleteIfExists(socket());
        Process started =
                new ProcessBuilder(
                                "redis-server",
                                "--port",
                                "0",
                                "--save",
                                "",
                                "--appendonly",
                                "yes",
                                "--appendfsync",
                                "always",
                                "--unixsocket",
                                socket().toString(),
                                "--dir",
                                directory.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve("log").toFile())
                        .start();
        process = started;
        Cluster.await(
                "redis answers",
                START_LIMIT,
                () -> {
                    try {
                        return Files.exists(socket()) && cli("PING").equals("PONG");
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
        return started;
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process run = new ProcessBuilder(command).redirectErrorStream(true).start();
        String text = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        run.waitFor();
        return text.strip();
    }

    private Path socket() {
        return directory.resolve("redis.sock");
    }

    @Override
    public void close() throws Exception {
        kill();
    }
}
