package live.mirror.deploy;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.StreamStats;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * Shows the whole path on one machine: ffmpeg publishes a test picture over SRT, Mirror takes it
 * in, a packager gets it over gRPC, and what it got is held against what the encoder sent, byte for
 * byte, while it comes.
 */
public final class Demo implements AutoCloseable {

    private static final String STREAM = "demo";
    private static final Duration FIRST_MEDIA_LIMIT = Duration.ofSeconds(30);

    /**
     * How far the packager may be behind the encoder at the end: SRT's latency, encoder's file
     * buffer, and room for a busy machine.
     */
    private static final Duration LAG_LIMIT = Duration.ofSeconds(3);

    private final Path folder;
    private final MirrorProcess control;
    private final MirrorProcess worker;
    private final Process packager;
    private final Process encoder;
    private final ManagedChannel api;
    private final Comparison comparison;

    private Demo(Path root) throws Exception {
        folder = Files.createTempDirectory("mirror-demo");
        Path sent = folder.resolve("sent.ts");
        control = MirrorProcess.start(root, "control-plane", MirrorProcess.controlPlaneSettings());
        System.out.println("control plane   http://" + control.address("http") + "/api/v1/streams");
        api = NettyChannelBuilder.forTarget(control.address("http")).usePlaintext().build();
        worker =
                MirrorProcess.start(
                        root, "data-plane", MirrorProcess.workerSettings("demo-worker", control));
        System.out.println(
                "worker          srt://"
                        + worker.address("srt")
                        + ", gRPC "
                        + worker.address("delivery"));
        worker.awaitRegistered(api);
        packager =
                new ProcessBuilder(
                                root.resolve("deploy/mirror").toString(),
                                "subscribe",
                                STREAM,
                                "--from",
                                "oldest",
                                "--wait",
                                "--control-plane",
                                control.address("http"))
                        .redirectError(folder.resolve("packager.log").toFile())
                        .start();
        encoder =
                new ProcessBuilder(encoderCommand(sent, worker.address("srt")))
                        .redirectErrorStream(true)
                        .redirectOutput(folder.resolve("encoder.log").toFile())
                        .start();
        System.out.println("encoder         ffmpeg, H.264 640x360 and AAC, over SRT as " + STREAM);
        comparison = new Comparison(packager.getInputStream(), sent);
    }

    /** Runs until the time is over or somebody stops it: {@code ROOT [SECONDS]}. */
    public static void main(String[] args) throws Exception {
        long seconds = args.length > 1 ? Long.parseLong(args[1]) : Long.MAX_VALUE;
        int status;
        try (Demo demo = new Demo(Path.of(args[0]))) {
            Thread atExit = new Thread(demo::close, "stop");
            Runtime.getRuntime().addShutdownHook(atExit);
            status = demo.run(seconds) ? 0 : 1;
            Runtime.getRuntime().removeShutdownHook(atExit);
        }
        System.exit(status);
    }

    private boolean run(long seconds) throws InterruptedException {
        comparison.start();
        long startNs = System.nanoTime();
        for (long second = 1; second <= seconds; second++) {
            String problem = problem(Duration.ofNanos(System.nanoTime() - startNs));
            if (problem != null) {
                System.out.println();
                return failed(problem);
            }
            TimeUnit.NANOSECONDS.sleep(
                    startNs + TimeUnit.SECONDS.toNanos(second) - System.nanoTime());
            System.out.print("\r" + figures(second) + "   ");
            System.out.flush();
        }
        System.out.println();
        StreamStats last = stats();
        // By its handle: Process.destroy would close its output, of which the rest is still to be
        // compared.
        packager.toHandle().destroy();
        packager.waitFor(5, TimeUnit.SECONDS);
        comparison.join();
        long behind = comparison.sentBytes() - comparison.comparedBytes();
        long allowed = Math.max(1, last.getBitrateBps() / 8) * LAG_LIMIT.toSeconds();
        if (comparison.difference() != null) {
            return failed(comparison.difference());
        }
        if (comparison.comparedBytes() == 0 || behind > allowed) {
            return failed(
                    "the packager got "
                            + comparison.comparedBytes()
                            + " bytes and is "
                            + behind
                            + " behind the encoder");
        }
        System.out.println(
                String.format(
                        Locale.ROOT,
                        "identical: %,d bytes compared, every byte that the packager got is what"
                                + " the encoder sent",
                        comparison.comparedBytes()));
        return true;
    }

    private @org.jspecify.annotations.Nullable String problem(Duration since) {
        if (comparison.difference() != null) {
            return comparison.difference();
        }
        if (!encoder.isAlive()) {
            return "the encoder ended:\n" + log("encoder.log");
        }
        if (!packager.isAlive()) {
            return "the packager ended:\n" + log("packager.log");
        }
        if (!worker.handle().isAlive() || !control.handle().isAlive()) {
            return "a process of Mirror ended:\n" + worker.output() + "\n" + control.output();
        }
        if (comparison.comparedBytes() == 0 && since.compareTo(FIRST_MEDIA_LIMIT) > 0) {
            return "no media within "
                    + FIRST_MEDIA_LIMIT.toSeconds()
                    + " s:\n"
                    + log("encoder.log")
                    + log("packager.log");
        }
        return null;
    }

    private boolean failed(String why) {
        System.out.println("FAILED: " + why);
        return false;
    }

    private String figures(long second) {
        StreamStats stats = stats();
        return String.format(
                Locale.ROOT,
                "%4d s  %6.2f Mb/s  rtt %.1f ms  lost %d  dropped %d  compared %,d bytes",
                second,
                stats.getBitrateBps() / 1e6,
                stats.getRttMs(),
                stats.getLostPackets(),
                stats.getDroppedPackets(),
                comparison.comparedBytes());
    }

    private StreamStats stats() {
        try {
            Stream stream =
                    StreamServiceGrpc.newBlockingStub(api)
                            .withDeadlineAfter(1, TimeUnit.SECONDS)
                            .getStream(GetStreamRequest.newBuilder().setId(STREAM).build())
                            .getStream();
            return stream.getStats();
        } catch (StatusRuntimeException e) {
            // Not published yet, or the control plane is busy: the line shows zeros for this
            // second.
            return StreamStats.getDefaultInstance();
        }
    }

    private String log(String name) {
        try {
            List<String> lines = Files.readAllLines(folder.resolve(name));
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()))
                    + "\n";
        } catch (IOException e) {
            return name + " can't be read: " + e + "\n";
        }
    }

    /** The tee muxer writes the same packets into a file and over SRT. */
    private static List<String> encoderCommand(Path sent, String srt) {
        return List.of(
                "ffmpeg",
                "-hide_banner",
                "-nostdin",
                "-v",
                "error",
                "-re",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=640x360:rate=25",
                "-f",
                "lavfi",
                "-i",
                "sine=frequency=440",
                "-map",
                "0",
                "-map",
                "1",
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-tune",
                "zerolatency",
                "-g",
                "50",
                "-b:v",
                "2M",
                "-c:a",
                "aac",
                "-f",
                "tee",
                "[f=mpegts]"
                        + sent
                        + "|[f=mpegts:onfail=abort]srt://"
                        + srt
                        + "?pkt_size=1316&streamid=publish/"
                        + STREAM);
    }

    @Override
    public synchronized void close() {
        try {
            packager.destroy();
            encoder.destroy();
            encoder.waitFor(2, TimeUnit.SECONDS);
            encoder.destroyForcibly();
            packager.destroyForcibly();
            worker.close();
            control.close();
            api.shutdownNow();
            try (var files = Files.walk(folder)) {
                files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            System.err.println("left behind: " + folder + ": " + e);
        }
    }
}
