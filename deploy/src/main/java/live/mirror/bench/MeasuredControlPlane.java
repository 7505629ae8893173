package live.mirror.bench;

import live.mirror.deploy.MirrorProcess;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A control plane with a Redis of its own, and what both of them use. */
final class MeasuredControlPlane implements AutoCloseable {

    private static final Pattern NEXT_PAGE = Pattern.compile("\"nextPageToken\":\\s*\"([^\"]+)\"");

    /** Heap and collector of {@code deploy/mirror control-plane}. */
    private static final List<String> AS_SHIPPED =
            List.of(
                    "-XX:+UseG1GC",
                    "-XX:MaxGCPauseMillis=20",
                    "-Xmx512m",
                    "-XX:+UseCompactObjectHeaders");

    private static final int PAGES = 200;
    private static final double COMPILERS_IDLE_S = 0.05;
    private static final long STREAMS_LIMIT_NS = TimeUnit.SECONDS.toNanos(60);

    private final Path root;
    private final Map<String, String> settings;
    private final HttpClient http =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();
    private MirrorProcess process;
    private ProcessHandle redis;
    private double compilerSeconds;

    MeasuredControlPlane(Path root, Map<String, String> settings)
            throws IOException, InterruptedException {
        this.root = root;
        this.settings = new HashMap<>(settings);
        this.process = start();
        this.redis = redisOf(process);
    }

    private MirrorProcess start() throws IOException, InterruptedException {
        return MirrorProcess.start(root, "control-plane", settings, AS_SHIPPED);
    }

    /** Whether the just-in-time compilers of both sides have hardly worked since the last call. */
    boolean compilersAreIdle() {
        try {
            double now =
                    ProcessFigures.compilerSeconds(process.handle())
                            + ProcessFigures.compilerSeconds(ProcessHandle.current());
            boolean idle = now - compilerSeconds < COMPILERS_IDLE_S;
            compilerSeconds = now;
            return idle;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ProcessHandle redisOf(MirrorProcess process) {
        return process.handle()
                .descendants()
                .filter(child -> child.info().command().orElse("").contains("redis"))
                .findFirst()
                .orElseThrow();
    }

    /**
     * Steady use.
     *
     * @param controlPlane cores
     * @param redis cores
     * @param generator cores of the fake workers, on the same machine
     * @param heapMb what is left on the heap after a collection
     * @param rssMb resident memory of the control plane
     * @param redisMb of Redis
     */
    record Steady(
            double controlPlane,
            double redis,
            double generator,
            double heapMb,
            double rssMb,
            double redisMb) {}

    /**
     * Delays of lists over HTTP.
     *
     * @param pages of a hundred streams of all
     * @param ofWorker of all streams of one worker
     */
    record ListDelays(DelayHistogram pages, DelayHistogram ofWorker) {}

    private record Used(double controlPlane, double redis, double generator) {}

    String pids() {
        return "control plane " + process.handle().pid() + ", Redis " + redis.pid();
    }

    int port(String listener) {
        return process.port(listener);
    }

    /** Ends it as kill -9 does, its Redis too, and starts another one where workers look for it. */
    void killAndStartAgain() throws IOException, InterruptedException {
        settings.put("server.link", process.address("link"));
        process.kill();
        process = start();
        redis = redisOf(process);
    }

    /** Waits until the registry has exactly so many streams. */
    void awaitStreams(int wanted) throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        while (metric("mirror_active_streams_total") != wanted) {
            if (System.nanoTime() - startNs > STREAMS_LIMIT_NS) {
                throw new IllegalStateException(
                        (long) metric("mirror_active_streams_total")
                                + " streams are known, not "
                                + wanted
                                + "\n"
                                + process.output());
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    Steady measure(int seconds) throws IOException, InterruptedException {
        Used before = used();
        long startNs = System.nanoTime();
        for (int i = 0; i < seconds; i++) {
            TimeUnit.SECONDS.sleep(1);
            Progress.say("steady, " + (seconds - i - 1) + " s to go");
        }
        Used after = used();
        double s = (System.nanoTime() - startNs) / 1e9;
        jcmd("GC.run");
        return new Steady(
                (after.controlPlane() - before.controlPlane()) / s,
                (after.redis() - before.redis()) / s,
                (after.generator() - before.generator()) / s,
                metric("memory_usedHeap_bytes") / (1 << 20),
                ProcessFigures.rssKb(process.handle()) / 1024.0,
                ProcessFigures.rssKb(redis) / 1024.0);
    }

    private Used used() {
        return new Used(
                ProcessFigures.cpuSeconds(process.handle()),
                ProcessFigures.cpuSeconds(redis),
                ProcessFigures.cpuSeconds(ProcessHandle.current()));
    }

    ListDelays list(int streams) throws IOException, InterruptedException {
        Progress.say("list");
        DelayHistogram pages = new DelayHistogram();
        String token = "";
        for (int i = 0; i < PAGES; i++) {
            String page = timed(pages, "/api/v1/streams?pageSize=100&pageToken=" + token);
            Matcher next = NEXT_PAGE.matcher(page);
            token = next.find() ? next.group(1) : "";
        }
        DelayHistogram ofWorker = new DelayHistogram();
        for (int i = 0; i < PAGES / 4; i++) {
            String page = timed(ofWorker, "/api/v1/streams?pageSize=1000&worker=w" + i % 10);
            if (!page.contains("\"w" + i % 10 + "/cam-0\"")) {
                throw new IllegalStateException("not listed: w" + i % 10 + "/cam-0 of " + streams);
            }
        }
        return new ListDelays(pages, ofWorker);
    }

    private String timed(DelayHistogram delays, String path)
            throws IOException, InterruptedException {
        long startNs = System.nanoTime();
        String body = get("http", path);
        delays.add((System.nanoTime() - startNs) / 1_000);
        return body;
    }

    private double metric(String name) throws IOException, InterruptedException {
        for (String line : get("admin", "/metrics").split("\n", -1)) {
            if (line.startsWith(name)) {
                return Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
            }
        }
        throw new IllegalStateException("no metric " + name);
    }

    private String get(String listener, String path) throws IOException, InterruptedException {
        HttpResponse<String> response =
                http.send(
                        HttpRequest.newBuilder(
                                        URI.create("http://" + process.address(listener) + path))
                                .timeout(Duration.ofSeconds(10))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() != 200) {
            throw new IllegalStateException(path + ": " + response.body());
        }
        return response.body();
    }

    private void jcmd(String command) throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(process.handle().pid()),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String said = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (jcmd.waitFor() != 0) {
            throw new IllegalStateException("jcmd " + List.of(command) + ": " + said);
        }
    }

    @Override
    public void close() throws InterruptedException {
        process.close();
    }
}
