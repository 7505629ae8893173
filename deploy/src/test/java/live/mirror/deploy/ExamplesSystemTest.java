package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The packagers in deploy/examples, run as their readers would run them. */
@Timeout(180)
class ExamplesSystemTest {

    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final Path EXAMPLES = ROOT.resolve("deploy/examples");
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir private Path folder;

    @Test
    void aPackagerInAnotherLanguageNeedsTheProtoFilesAlone() throws Exception {
        Path node = EXAMPLES.resolve("node");
        if (!Files.exists(node.resolve("node_modules"))) {
            run(node, "npm", "ci", "--no-audit", "--no-fund", "--silent");
        }
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            try (NumberedPublisher _ = new NumberedPublisher(worker.port("srt"), "cam1", 4_000)) {
                Cluster.await("cam1 is active", SOON, () -> cluster.hasStatus("cam1", "ACTIVE"));
                Process packager =
                        start(
                                node,
                                "node",
                                "subscribe.mjs",
                                "cam1",
                                cluster.control().address("http"));
                try {
                    assertNumbered(packager.getInputStream(), 5_000);
                } finally {
                    packager.destroy();
                    assertThat(packager.waitFor(5, TimeUnit.SECONDS)).isTrue();
                }
            }
        }
    }

    @Test
    void anHlsPackagerPlaysOnThroughAPublishersReturn() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess worker = cluster.startWorker("w1", Map.of());
            playsOnThrough(cluster, worker, worker, () -> {});
        }
    }

    @Test
    void anHlsPackagerPlaysOnThroughAWorkersDeath() throws Exception {
        try (Cluster cluster = Cluster.start(Map.of())) {
            MirrorProcess first = cluster.startWorker("w1", Map.of());
            MirrorProcess second = cluster.startWorker("w2", Map.of());
            playsOnThrough(cluster, first, second, first.handle()::destroyForcibly);
        }
    }

    /** Packs what is published at the first worker and, after the misfortune, at the second. */
    private void playsOnThrough(
            Cluster cluster, MirrorProcess first, MirrorProcess second, Runnable misfortune)
            throws Exception {
        Path playlist = folder.resolve("index.m3u8");
        Process packager =
                start(
                        ROOT,
                        EXAMPLES.resolve("hls/hls").toString(),
                        "cam1",
                        folder.toString(),
                        cluster.control().address("http"));
        try {
            publish(first, () -> segments(playlist) >= 3);
            misfortune.run();
            int before = segments(playlist);
            publish(second, () -> segments(playlist) >= before + 3);
            cluster.delete("/api/v1/streams/cam1");
            assertThat(packager.waitFor(20, TimeUnit.SECONDS)).as("it ends").isTrue();
        } finally {
            end(packager);
        }
        assertThat(codecs(playlist)).containsExactlyInAnyOrder("h264", "aac");
        assertTimestampsRise(playlist);
    }

    /** A test picture over SRT until the condition holds; then the encoder is killed. */
    private static void publish(MirrorProcess worker, java.util.function.BooleanSupplier until)
            throws Exception {
        // An encoder that is refused, because its worker is new or its predecessor not yet missed,
        // tries again.
        Process encoder = null;
        long deadlineNs = System.nanoTime() + Duration.ofSeconds(40).toNanos();
        try {
            while (!until.getAsBoolean()) {
                assertThat(System.nanoTime()).as("segments in time").isLessThan(deadlineNs);
                if (encoder == null || !encoder.isAlive()) {
                    encoder = start(ROOT, encoderCommand(worker.port("srt")));
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        } finally {
            if (encoder != null) {
                encoder.destroyForcibly().waitFor();
            }
        }
    }

    private static String[] encoderCommand(int port) {
        return ("ffmpeg -hide_banner -loglevel error -re -f lavfi -i testsrc=size=320x180:rate=25"
                        + " -f lavfi -i sine=frequency=440 -c:v libx264 -preset ultrafast -tune"
                        + " zerolatency -g 25 -b:v 500k -c:a aac -f mpegts"
                        + " srt://127.0.0.1:"
                        + port
                        + "?streamid=cam1&pkt_size=1316")
                .split(" ");
    }

    private static int segments(Path playlist) {
        try {
            return Files.exists(playlist)
                    ? Math.toIntExact(
                            Files.readString(playlist)
                                    .lines()
                                    .filter(line -> line.endsWith(".ts"))
                                    .count())
                    : 0;
        } catch (IOException e) {
            // Being replaced at this moment.
            return 0;
        }
    }

    private static List<String> codecs(Path playlist) throws Exception {
        return run(
                        ROOT,
                        "ffprobe",
                        "-v",
                        "error",
                        "-show_entries",
                        "stream=codec_name",
                        "-of",
                        "csv=p=0",
                        playlist.toString())
                .lines()
                .filter(line -> !line.isBlank())
                .distinct()
                .toList();
    }

    /** Decoding timestamps of the video never go back, from the first segment to the last. */
    private static void assertTimestampsRise(Path playlist) throws Exception {
        double[] times =
                run(
                                ROOT,
                                "ffprobe",
                                "-v",
                                "error",
                                "-select_streams",
                                "v:0",
                                "-show_entries",
                                "packet=dts_time",
                                "-of",
                                "csv=p=0",
                                playlist.toString())
                        .lines()
                        .map(line -> line.replace(",", ""))
                        .filter(line -> !line.isBlank() && !line.equals("N/A"))
                        .mapToDouble(Double::parseDouble)
                        .toArray();
        assertThat(times.length).isGreaterThan(200);
        double[] sorted = times.clone();
        Arrays.sort(sorted);
        assertThat(times).containsExactly(sorted);
    }

    private static void assertNumbered(InputStream media, int packets) throws IOException {
        ByteBuffer expected = ByteBuffer.allocate(NumberedPublisher.TS_PACKET_BYTES);
        long next = -1;
        for (int i = 0; i < packets; i++) {
            byte[] packet = media.readNBytes(NumberedPublisher.TS_PACKET_BYTES);
            long number = ByteBuffer.wrap(packet).getLong(4);
            expected.clear();
            NumberedPublisher.packet(number, expected);
            assertThat(packet).isEqualTo(expected.array());
            if (next >= 0) {
                assertThat(number).isEqualTo(next);
            }
            next = number + 1;
        }
    }

    private static Process start(Path in, String... command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(in.toFile())
                        .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put("MIRROR", subscribeCommand());
        return builder.start();
    }

    /** The client as it was just built; deploy/mirror would build it again. */
    private static String subscribeCommand() {
        return Path.of(System.getProperty("java.home"), "bin", "java")
                + " -XX:TieredStopAtLevel=1 -jar "
                + ROOT.resolve("proto/target/mirror-proto-0.1.0-SNAPSHOT.jar");
    }

    private static String run(Path in, String... command) throws Exception {
        Process process =
                new ProcessBuilder(command)
                        .directory(in.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", List.of(command), output).isZero();
        return output;
    }

    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = process.descendants().toList();
        process.destroy();
        all.forEach(ProcessHandle::destroy);
        process.waitFor(5, TimeUnit.SECONDS);
    }
}
