package live.mirror.control.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** A Redis Cluster of three primaries, each with a replica. */
public final class TestCluster implements AutoCloseable {

    private final Path directory;
    private final Map<Integer, Process> nodes = new LinkedHashMap<>();

    /** Starts it and waits until every slot is served and every replica is in step. */
    public TestCluster() {
        List<String> create = new ArrayList<>(List.of("redis-cli", "--cluster", "create"));
        try {
            directory = Files.createTempDirectory("mirror-test-cluster-");
            for (int i = 0; i < 6; i++) {
                int port = freePort();
                int bus = freePort();
                nodes.put(port, node(port, bus));
                create.add("127.0.0.1:" + port + "@" + bus);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        nodes.keySet()
                .forEach(port ->
                        Await.until("a node answers", () -> cli(port, "PING").equals("PONG")));
        create.addAll(List.of("--cluster-replicas", "1", "--cluster-yes"));
        String created = TestRedis.run(create);
        nodes.keySet()
                .forEach(port ->
                        Await.until(
                                "the cluster stands: " + created,
                                () -> {
                                    String info = cli(port, "INFO", "replication");
                                    return cli(port, "CLUSTER", "INFO").contains("state:ok")
                                            && (info.contains("link_status:up")
                                                    || info.contains("state=online"));
                                }));
    }

    private Process node(int port, int bus) throws IOException {
        Path own = Files.createDirectory(directory.resolve(Integer.toString(port)));
        return new ProcessBuilder(
                        "redis-server",
                        "--port",
                        Integer.toString(port),
                        "--bind",
                        "127.0.0.1",
                        "--cluster-enabled",
                        "yes",
                        "--cluster-port",
                        Integer.toString(bus),
                        "--cluster-node-timeout",
                        "1000",
                        "--save",
                        "",
                        "--repl-diskless-sync-delay",
                        "0",
                        "--dir",
                        own.toString())
                .redirectErrorStream(true)
                .redirectOutput(own.resolve("log").toFile())
                .start();
    }

    /** Where to connect: two of the nodes. */
    public String uri() {
        return "redis-cluster://"
                + nodes.keySet().stream()
                        .limit(2)
                        .map(port -> "127.0.0.1:" + port)
                        .collect(Collectors.joining(","));
    }

    /** The primaries that have keys. */
    public List<Integer> primariesWithKeys() {
        return nodes.keySet().stream()
                .filter(port -> process(port).isAlive())
                .filter(port -> cli(port, "ROLE").startsWith("master"))
                .filter(port -> !cli(port, "DBSIZE").endsWith("0"))
                .toList();
    }

    /** Every key that the node at this port has. */
    public List<String> keys(int port) {
        return cli(port, "KEYS", "*").lines().toList();
    }

    /** The slot of a key. */
    public String slot(String key) {
        return cli(nodes.keySet().iterator().next(), "CLUSTER", "KEYSLOT", key);
    }

    /** kill -9 of the node at this port. */
    public void kill(int port) {
        Process node = process(port);
        node.destroyForcibly();
        node.onExit().join();
    }

    private Process process(int port) {
        return Objects.requireNonNull(nodes.get(port));
    }

    private static String cli(int port, String... arguments) {
        List<String> command = new ArrayList<>(List.of("redis-cli", "-p", Integer.toString(port)));
        command.addAll(List.of(arguments));
        return TestRedis.run(command);
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() {
        nodes.keySet().forEach(this::kill);
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
