package live.mirror.control.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/** A Redis primary, a replica of it and three sentinels that watch them. */
public final class TestSentinels implements AutoCloseable {

    private final Path directory;
    private final List<Process> processes = new ArrayList<>();
    private final List<Integer> sentinelPorts = new ArrayList<>();
    private final int primaryPort;
    private final int replicaPort;

    /** Starts them and waits until the sentinels know each other and the replica. */
    public TestSentinels() {
        try {
            directory = Files.createTempDirectory("mirror-test-sentinels-");
            primaryPort = freePort();
            replicaPort = freePort();
            server(primaryPort, List.of());
            await(primaryPort);
            server(replicaPort, List.of("--replicaof", "127.0.0.1 " + primaryPort));
            for (int i = 0; i < 3; i++) {
                sentinelPorts.add(freePort());
            }
            for (int port : sentinelPorts) {
                sentinel(port);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Await.until(
                "the replica is in step",
                () ->
                        TestRedis.run(cli(primaryPort, "INFO", "replication"))
                                .contains("state=online"));
        for (int port : sentinelPorts) {
            Await.until(
                    "the sentinels know each other",
                    () -> {
                        String master = TestRedis.run(cli(port, "SENTINEL", "MASTER", "mirror"));
                        return master.contains("num-other-sentinels\n2")
                                && master.contains("num-slaves\n1");
                    });
        }
    }

    /** Where to connect. */
    public String uri() {
        return "redis-sentinel://"
                + sentinelPorts.stream()
                        .map(port -> "127.0.0.1:" + port)
                        .collect(Collectors.joining(","))
                + "/0#mirror";
    }

    /** kill -9 of the primary. */
    public void killPrimary() {
        processes.getFirst().destroyForcibly();
        processes.getFirst().onExit().join();
    }

    /** Whether the replica has become the primary. */
    public boolean hasFailedOver() {
        return TestRedis.run(cli(replicaPort, "ROLE")).startsWith("master");
    }

    private void server(int port, List<String> more) throws IOException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "redis-server",
                                "--port",
                                Integer.toString(port),
                                "--bind",
                                "127.0.0.1",
                                "--save",
                                "",
                                "--repl-diskless-sync-delay",
                                "0",
                                "--dir",
                                directory.toString()));
        command.addAll(more);
        start(command, "server-" + port);
    }

    private void sentinel(int port) throws IOException {
        Path file = directory.resolve("sentinel-" + port + ".conf");
        Files.writeString(
                file,
                """
                port %d
                bind 127.0.0.1
                dir %s
                sentinel monitor mirror 127.0.0.1 %d 2
                sentinel down-after-milliseconds mirror 1000
                sentinel failover-timeout mirror 5000
                """
                        .formatted(port, directory, primaryPort));
        start(List.of("redis-server", file.toString(), "--sentinel"), "sentinel-" + port);
        await(port);
    }

    private void start(List<String> command, String name) throws IOException {
        processes.add(
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(directory.resolve(name + ".log").toFile())
                        .start());
    }

    private static void await(int port) {
        Await.until(
                "a redis listens at " + port,
                () -> TestRedis.run(cli(port, "PING")).contains("PONG"));
    }

    private static List<String> cli(int port, String... arguments) {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
        command.addAll(List.of(arguments));
        return command;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        processes.forEach(process -> {
            process.destroyForcibly();
            process.onExit().join();
        });
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
