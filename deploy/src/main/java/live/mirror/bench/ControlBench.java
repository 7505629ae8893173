package live.mirror.bench;

import live.mirror.deploy.MirrorProcess;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * What a fleet costs one control plane and its Redis: so many fake workers with so many streams
 * each claim, report each second as real ones do, and register again all at once, over a registry
 * that knows them and over one that lost everything. {@code ControlBench [--seconds N]
 * [WORKERSxSTREAMS...]}
 */
public final class ControlBench {

    /** Claims under way at one time, of all workers together. */
    private static final int AT_ONCE = 128;

    private final Path root;
    private final int seconds;

    private record Shape(int workers, int streams) {

        static Shape parse(String text) {
            String[] parts = text.split("x", -1);
            return new Shape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }
    }

    /** Processor time used so far, in seconds. */
    private record Used(double controlPlane, double redis) {}

    private ControlBench(Path root, int seconds) {
        this.root = root;
        this.seconds = seconds;
    }

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        int seconds = 20;
        List<Shape> shapes = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i].equals("--seconds")) {
                seconds = Integer.parseInt(arguments[++i]);
            } else {
                shapes.add(Shape.parse(arguments[i]));
            }
        }
        if (shapes.isEmpty()) {
            shapes.add(new Shape(10, 100));
            shapes.add(new Shape(100, 100));
            shapes.add(new Shape(1_000, 100));
        }
        ControlBench bench = new ControlBench(Path.of(System.getProperty("mirror.root")), seconds);
        System.out.println(
                "workers streams | claims/s p50-ms p99-ms | register-s | steady: cp-cores"
                        + " redis-cores heap-MB rss-MB us/stream/s | rebuild-s");
        for (Shape shape : shapes) {
            bench.run(shape);
        }
    }

    private void run(Shape shape) throws Exception {
        Map<String, String> settings = MirrorProcess.controlPlaneSettings();
        settings.put("admission.max-streams", "1000000");
        MirrorProcess controlPlane = MirrorProcess.start(root, "control-plane", settings);
        List<BenchWorker> workers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < shape.workers(); i++) {
                workers.add(new BenchWorker("w" + i, controlPlane.port("link")));
            }
            try {
                all(threads, workers, BenchWorker::register);
                workers.forEach(worker -> threads.execute(worker::reportUntilClosed));
                DelayHistogram delays = new DelayHistogram();
                double claimsPerSecond = claim(threads, workers, shape, delays);
                double registerS = all(threads, workers, BenchWorker::reconnect);
                // What was claimed becomes ACTIVE, and the first full lists have been.
                TimeUnit.SECONDS.sleep(12);
                Used before = used(controlPlane);
                TimeUnit.SECONDS.sleep(seconds);
                Used after = used(controlPlane);
                double heapMb = heapMb(controlPlane);
                double rssMb = ProcessFigures.rssKb(controlPlane.handle()) / 1024.0;
                settings.put("server.link", controlPlane.address("link"));
                controlPlane.kill();
                controlPlane = MirrorProcess.start(root, "control-plane", settings);
                double rebuildS = all(threads, workers, BenchWorker::reconnect);
                double cores = (after.controlPlane() - before.controlPlane()) / seconds;
                double redisCores = (after.redis() - before.redis()) / seconds;
                long streams = (long) shape.workers() * shape.streams();
                System.out.printf(
                        Locale.ROOT,
                        "%7d %7d | %8.0f %6.1f %6.1f | %10.1f | %16.3f %11.3f %7.0f %6.0f %11.2f |"
                                + " %9.1f%n",
                        shape.workers(),
                        streams,
                        claimsPerSecond,
                        delays.percentileMs(0.5),
                        delays.percentileMs(0.99),
                        registerS,
                        cores,
                        redisCores,
                        heapMb,
                        rssMb,
                        (cores + redisCores) * 1e6 / streams,
                        rebuildS);
            } finally {
                workers.forEach(BenchWorker::close);
            }
        } finally {
            controlPlane.close();
        }
    }

    private interface Step {
        void run(BenchWorker worker) throws Exception;
    }

    /** Every worker does it at once; answers how many seconds the last one took. */
    private static double all(ExecutorService threads, List<BenchWorker> workers, Step step)
            throws Exception {
        long startNs = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (BenchWorker worker : workers) {
            running.add(
                    threads.submit(() -> {
                        step.run(worker);
                        return null;
                    }));
        }
        for (Future<?> each : running) {
            each.get();
        }
        return (System.nanoTime() - startNs) / 1e9;
    }

    private static double claim(
            ExecutorService threads, List<BenchWorker> workers, Shape shape, DelayHistogram delays)
            throws Exception {
        Semaphore atOnce = new Semaphore(AT_ONCE);
        long startNs = System.nanoTime();
        List<Future<?>> running = new ArrayList<>();
        for (int stream = 0; stream < shape.streams(); stream++) {
            for (BenchWorker worker : workers) {
                atOnce.acquire();
                String id = worker.id() + "-" + stream;
                running.add(
                        threads.submit(() -> {
                            try {
                                delays.add(worker.claim(id) / 1_000);
                            } finally {
                                atOnce.release();
                            }
                            return null;
                        }));
            }
        }
        for (Future<?> each : running) {
            each.get();
        }
        return running.size() * 1e9 / (System.nanoTime() - startNs);
    }

    private static Used used(MirrorProcess controlPlane) {
        double redis = 0;
        for (ProcessHandle child : controlPlane.handle().descendants().toList()) {
            if (child.info().command().orElse("").contains("redis")) {
                redis += ProcessFigures.cpuSeconds(child);
            }
        }
        return new Used(ProcessFigures.cpuSeconds(controlPlane.handle()), redis);
    }

    /** What is left on the heap after a collection. */
    private static double heapMb(MirrorProcess controlPlane)
            throws IOException, InterruptedException {
        jcmd(controlPlane, "GC.run");
        double kilobytes = 0;
        for (String line : jcmd(controlPlane, "GC.heap_info").split("\n", -1)) {
            if (line.contains(" used ")) {
                kilobytes += Long.parseLong(line.replaceAll(".* used (\\d+)K.*", "$1"));
            }
            if (line.contains("Metaspace")) {
                break;
            }
        }
        return kilobytes / 1024;
    }

    private static String jcmd(MirrorProcess controlPlane, String command)
            throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(controlPlane.handle().pid()),
                                command)
                        .redirectErrorStream(true)
                        .start();
        String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        return text;
    }
}
