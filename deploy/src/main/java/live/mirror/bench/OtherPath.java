package live.mirror.bench;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Another server that takes publishers ({@code #!::r=live/NAME,m=publish}) and serves players
 * ({@code m=request}) at one SRT port. Its players are an {@code srtplay} (deploy/floor).
 */
final class OtherPath implements PathServer {

    private static final int START_LIMIT_MS = 10_000;

    private final String name;
    private final Path tools;
    private final int port;
    private final Process process;

    private OtherPath(String name, Path tools, int port, Process process) {
        this.name = name;
        this.tools = tools;
        this.port = port;
        this.process = process;
    }

    /**
     * Starts it and waits until it listens.
     *
     * @param command NAME=COMMAND, with the command for bash; {@code $PORT} is where it should
     *     listen
     */
    static OtherPath start(String command, Path tools) throws IOException, InterruptedException {
        int at = command.indexOf('=');
        if (at < 1) {
            throw new IllegalArgumentException("NAME=COMMAND is wanted, not `" + command + "'");
        }
        String name = command.substring(0, at);
        Path log = tools.resolve(name + ".log");
        int port = freePort();
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-c", "exec " + command.substring(at + 1))
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        builder.environment().put("PORT", Integer.toString(port));
        OtherPath started = new OtherPath(name, tools, port, builder.start());
        started.awaitListening(log);
        return started;
    }

    private static int freePort() throws IOException {
        try (DatagramSocket probe =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return probe.getLocalPort();
        }
    }

    private void awaitListening(Path log) throws IOException, InterruptedException {
        String wanted = String.format(Locale.ROOT, ":%04X ", port);
        for (int waitedMs = 0; waitedMs < START_LIMIT_MS; waitedMs += 50) {
            if (Files.readString(Path.of("/proc/net/udp")).contains(wanted)
                    || Files.readString(Path.of("/proc/net/udp6")).contains(wanted)) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        close();
        throw new IOException(
                name + " does not listen at UDP port " + port + ":\n" + Files.readString(log));
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public PathFigures measure(PathLoad load, int round, int warmSeconds, int seconds)
            throws IOException, InterruptedException {
        String stream = "#!::r=live/r" + round + "s%d";
        try (PathPublishers publishers =
                PathPublishers.connect(
                        tools.resolve("srtgen"),
                        port,
                        stream + ",m=publish",
                        load,
                        warmSeconds + seconds)) {
            Process players = players(load, stream + ",m=request", warmSeconds, seconds);
            try {
                return figures(players, publishers, load, seconds);
            } finally {
                players.destroyForcibly().waitFor();
            }
        }
    }

    private Process players(PathLoad load, String idFormat, int warmSeconds, int seconds)
            throws IOException {
        return new ProcessBuilder(
                        tools.resolve("srtplay").toString(),
                        "-p",
                        Integer.toString(port),
                        "-n",
                        Integer.toString(load.streams()),
                        "-r",
                        Integer.toString(load.readers()),
                        "-i",
                        idFormat,
                        "-w",
                        Integer.toString(warmSeconds),
                        "-t",
                        Integer.toString(seconds))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** The players say when they begin and end to count. */
    private PathFigures figures(
            Process players, PathPublishers publishers, PathLoad load, int seconds)
            throws IOException {
        ToolOutput said = new ToolOutput("the players of " + name, players);
        said.await("COUNT");
        double serverBefore = ProcessFigures.cpuSeconds(process.toHandle());
        double readersBefore = ProcessFigures.cpuSeconds(players.toHandle());
        said.await("COUNTED");
        double server = ProcessFigures.cpuSeconds(process.toHandle()) - serverBefore;
        double readers = ProcessFigures.cpuSeconds(players.toHandle()) - readersBefore;
        long sent = publishers.sent();
        Map<String, String> end = said.await("END");
        double gigabytes = load.gigabytes(seconds);
        return new PathFigures(
                Long.parseLong(end.get("msgs")),
                sent * load.readers()
                        - Long.parseLong(end.get("next"))
                        + Long.parseLong(end.get("missing")),
                Long.parseLong(end.get("wrong")),
                Long.parseLong(end.get("cold_missing")),
                Double.parseDouble(end.get("p50_ms")),
                Double.parseDouble(end.get("p99_ms")),
                server / gigabytes,
                readers / gigabytes);
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
