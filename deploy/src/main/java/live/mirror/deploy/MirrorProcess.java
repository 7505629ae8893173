package live.mirror.deploy;

import io.grpc.ManagedChannel;

import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.WorkerServiceGrpc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A control plane or a worker in a process of its own, on ports that the system chooses unless the
 * settings say otherwise. What it prints is kept, bounded, for error messages.
 */
public final class MirrorProcess implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration REGISTRATION_LIMIT = Duration.ofSeconds(20);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(10);
    private static final int KEPT_LINES = 200;
    private static final Pattern LISTENER = Pattern.compile("(\\w+)=(\\S+)");

    /** Enough for tests, of which several run at a time. */
    private static final List<String> SMALL = List.of("-XX:+UseSerialGC", "-Xmx384m");

    private final String name;
    private final Process process;
    private final ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<String> ready = new CompletableFuture<>();

    private MirrorProcess(String name, Process process) {
        this.name = name;
        this.process = process;
        Thread.ofVirtual().name("output of " + name).start(this::readOutput);
    }

    /** Settings of a control plane on ports that the system chooses. */
    public static Map<String, String> controlPlaneSettings() {
        return onFreePorts("server.http", "server.link", "server.admin");
    }

    /** Settings of a worker on ports that the system chooses, linked to this control plane. */
    public static Map<String, String> workerSettings(String id, MirrorProcess controlPlane) {
        Map<String, String> settings =
                onFreePorts("worker.admin", "srt.listen", "rtp.listen", "delivery.address");
        settings.put("worker.id", id);
        settings.put("link.control-plane", controlPlane.address("link"));
        return settings;
    }

    private static Map<String, String> onFreePorts(String... keys) {
        Map<String, String> settings = new HashMap<>();
        for (String key : keys) {
            settings.put(key, "127.0.0.1:0");
        }
        return settings;
    }

    /**
     * Starts one from its module's jar and waits until it says that it is ready.
     *
     * @param module {@code control-plane} or {@code data-plane}
     * @param settings override the defaults, as system properties
     * @throws IOException when it ends or stays silent instead; the message has its output
     */
    public static MirrorProcess start(Path root, String module, Map<String, String> settings)
            throws IOException, InterruptedException {
        return start(root, module, settings, SMALL);
    }

    /**
     * The same with a choice of heap.
     *
     * @param heap flags of the JVM
     */
    public static MirrorProcess start(
            Path root, String module, Map<String, String> settings, List<String> heap)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(heap);
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        command.addAll(List.of("-jar", jar(root, module).toString()));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        MirrorProcess started = new MirrorProcess(module, process);
        try {
            started.ready.get(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            return started;
        } catch (ExecutionException | TimeoutException e) {
            started.kill();
            throw new IOException(module + " did not start:\n" + started.output(), e);
        }
    }

    /**
     * Waits until the control plane lists a worker.
     *
     * @param api a channel to the public gRPC of a control plane that has no other worker
     * @throws IllegalStateException when it does not come; the message has this process's output
     */
    public void awaitRegistered(ManagedChannel api) throws InterruptedException {
        long deadlineNs = System.nanoTime() + REGISTRATION_LIMIT.toNanos();
        while (WorkerServiceGrpc.newBlockingStub(api)
                .withDeadlineAfter(5, TimeUnit.SECONDS)
                .listWorkers(ListWorkersRequest.getDefaultInstance())
                .getWorkersList()
                .isEmpty()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new IllegalStateException(name + " did not register:\n" + output());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    /** Where it listens: host:port of one listener of its ready line, for instance {@code srt}. */
    public String address(String listener) {
        Matcher matcher = LISTENER.matcher(ready.join());
        while (matcher.find()) {
            if (matcher.group(1).equals(listener)) {
                return matcher.group(2).replace("0.0.0.0", "127.0.0.1");
            }
        }
        throw new IllegalArgumentException("no listener " + listener + " in: " + ready.join());
    }

    /** Settings with which a control plane listens where this one does. */
    public Map<String, String> controlPlaneAddresses() {
        return Map.of(
                "server.http", address("http"),
                "server.link", address("link"),
                "server.admin", address("admin"));
    }

    /** Port of one of its listeners. */
    public int port(String listener) {
        String address = address(listener);
        return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
    }

    /** The process. */
    public ProcessHandle handle() {
        return process.toHandle();
    }

    /** What it printed last. */
    public String output() {
        return String.join("\n", lines);
    }

    /** Ends it as kill -9 does. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Asks it to end (SIGTERM) and waits; the time that it took. */
    public Duration stop() throws InterruptedException {
        long startNs = System.nanoTime();
        process.destroy();
        if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            kill();
            throw new IllegalStateException(
                    name + " did not end within " + STOP_LIMIT.toSeconds() + " s:\n" + output());
        }
        return Duration.ofNanos(System.nanoTime() - startNs);
    }

    @Override
    public void close() throws InterruptedException {
        if (process.isAlive()) {
            process.destroy();
            if (!process.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                kill();
            }
        }
    }

    private void readOutput() {
        try (BufferedReader reader =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = reader.readLine()) != null) {
                lines.add(line);
                while (lines.size() > KEPT_LINES) {
                    lines.poll();
                }
                if (line.contains(" ready: ")) {
                    ready.complete(line);
                }
            }
        } catch (IOException e) {
            lines.add("output ended: " + e);
        }
        ready.completeExceptionally(new IOException(name + " ended"));
    }

    private static Path jar(Path root, String module) throws IOException {
        try (var files =
                Files.newDirectoryStream(
                        root.resolve(module).resolve("target"), "mirror-" + module + "-*.jar")) {
            for (Path file : files) {
                return file;
            }
        }
        throw new IOException(
                "no jar of " + module + " below " + root + "; build first: mvn package");
    }
}
