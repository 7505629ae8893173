package live.mirror.receive.srt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * {@link SrtBench} as a process of its own, so that its memory, descriptors and log are its own
 * too.
 */
final class ReceiverProcess implements AutoCloseable {

    private final Path out;
    private final Path log;
    private final Process process;

    private ReceiverProcess(Path out, Path log, Process process) {
        this.out = out;
        this.log = log;
        this.process = process;
    }

    /** Starts one with these settings and waits until it listens. */
    static ReceiverProcess start(Path directory, String... settings) throws IOException {
        Path out = directory.resolve("out");
        Path log = directory.resolve("log");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-XX:+UseSerialGC",
                        "-Xms128m",
                        "-Xmx128m",
                        "-XX:+AlwaysPreTouch",
                        "-Djava.util.logging.SimpleFormatter.format=%5$s%n",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SrtBench.class.getName()));
        command.addAll(List.of(settings));
        ReceiverProcess started =
                new ReceiverProcess(
                        out,
                        log,
                        new ProcessBuilder(command)
                                .redirectOutput(out.toFile())
                                .redirectError(log.toFile())
                                .start());
        Waiting.until(
                "the receiver listens",
                java.time.Duration.ofSeconds(30),
                () -> started.outcome().startsWith("READY") || !started.process.isAlive());
        return started;
    }

    InetSocketAddress address() {
        return new InetSocketAddress(
                InetAddress.getLoopbackAddress(),
                Integer.parseInt(outcome().lines().findFirst().orElseThrow().split("=", 2)[1]));
    }

    /** Resident memory, in KiB. */
    long residentKb() {
        return status("VmRSS");
    }

    /** Threads, platform ones of Java and libsrt's. */
    long threads() {
        return status("Threads");
    }

    /** Open file descriptors. */
    long descriptors() {
        try (var links = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return links.count();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many lines it has logged. */
    long logLines() throws IOException {
        try (var lines = Files.lines(log)) {
            return lines.count();
        }
    }

    /** Stops it and answers what it has to say at the end. */
    String stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return outcome();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private String outcome() {
        try {
            return Files.readString(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private long status(String name) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))
                    .stream()
                    .filter(line -> line.startsWith(name + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
