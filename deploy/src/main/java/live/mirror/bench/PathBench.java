package live.mirror.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.deploy.MirrorProcess;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Sends numbered messages through a whole Mirror and counts them at the packagers: {@code ROOT
 * SRTGEN [--seconds N] [--warm N] [STREAMSxMBPS[xPACKAGERS]...]}. Its own CPU time is the
 * packagers'.
 */
public final class PathBench {

    private static final int MESSAGE_BYTES = 1_316;

    /** From the last connection to the first message: all packagers have subscribed by then. */
    private static final int CONNECTED_TO_START_MS = 3_000;

    private final Path root;
    private final Path generator;
    private final int seconds;
    private final int warmSeconds;

    /** So many streams of so many megabits per second, each to so many packagers. */
    private record Load(int streams, int mbps, int packagers) {

        static Load parse(String text) {
            String[] parts = text.split("x", -1);
            if (parts.length < 2 || parts.length > 3) {
                throw new IllegalArgumentException(
                        "`" + text + "': STREAMSxMBPS or STREAMSxMBPSxPACKAGERS is wanted");
            }
            return new Load(
                    Integer.parseInt(parts[0]),
                    Integer.parseInt(parts[1]),
                    parts.length == 2 ? 1 : Integer.parseInt(parts[2]));
        }

        /** Messages that all packagers together get in a second. */
        double messagesPerSecond() {
            return (double) streams * packagers * mbps * 1e6 / 8 / MESSAGE_BYTES;
        }
    }

    private PathBench(Path root, Path generator, int seconds, int warmSeconds) {
        this.root = root;
        this.generator = generator;
        this.seconds = seconds;
        this.warmSeconds = warmSeconds;
    }

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        int seconds = 10;
        int warm = 10;
        List<Load> loads = new ArrayList<>();
        for (int i = 2; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Integer.parseInt(arguments[++i]);
                case "--warm" -> warm = Integer.parseInt(arguments[++i]);
                default -> loads.add(Load.parse(arguments[i]));
            }
        }
        if (loads.isEmpty()) {
            loads.addAll(List.of(new Load(1, 50, 1), new Load(5, 50, 1), new Load(25, 20, 1)));
        }
        PathBench bench =
                new PathBench(Path.of(arguments[0]), Path.of(arguments[1]), seconds, warm);
        System.out.println(
                "streams Mb/s packagers  delivered missing wrong | cold: missing | p50-ms p99-ms"
                        + " worker-s/GB packagers-s/GB");
        boolean whole = true;
        for (Load load : loads) {
            whole &= bench.run(load);
        }
        System.exit(whole ? 0 : 1);
    }

    private boolean run(Load load) throws Exception {
        Map<String, String> limits = MirrorProcess.controlPlaneSettings();
        limits.put("admission.max-streams", "1000");
        try (MirrorProcess control = MirrorProcess.start(root, "control-plane", limits);
                MirrorProcess worker =
                        MirrorProcess.start(
                                root,
                                "data-plane",
                                MirrorProcess.workerSettings("bench", control))) {
            awaitRegistered(control, worker);
            Process sender = sender(load, worker.port("srt"));
            try {
                return count(load, control, worker, sender);
            } finally {
                sender.destroyForcibly().waitFor();
            }
        }
    }

    private boolean count(Load load, MirrorProcess control, MirrorProcess worker, Process sender)
            throws IOException, InterruptedException {
        BufferedReader said = sender.inputReader();
        String connected = Objects.requireNonNull(said.readLine(), "the sender said nothing");
        if (!connected.contains(" connected=" + load.streams() + " ")) {
            throw new IOException(connected + "\n" + worker.output());
        }
        long countFromNs =
                System.nanoTime()
                        + TimeUnit.MILLISECONDS.toNanos(CONNECTED_TO_START_MS)
                        + TimeUnit.SECONDS.toNanos(warmSeconds);
        DelayHistogram delays = new DelayHistogram();
        List<NumberedStream> books = new ArrayList<>();
        List<Thread> packagers = new ArrayList<>();
        List<MirrorSubscriber> subscribers = new ArrayList<>();
        for (int i = 0; i < load.streams() * load.packagers(); i++) {
            int stream = i % load.streams();
            NumberedStream book = new NumberedStream(stream, delays, countFromNs);
            MirrorSubscriber subscriber =
                    MirrorSubscriber.to("s" + stream)
                            .controlPlane(control.address("http"))
                            .from(StartAt.OLDEST)
                            .waitForStream(true)
                            .build();
            books.add(book);
            subscribers.add(subscriber);
            packagers.add(Thread.ofVirtual().start(() -> read(subscriber, book)));
        }
        TimeUnit.NANOSECONDS.sleep(countFromNs - System.nanoTime());
        double workerBefore = ProcessFigures.cpuSeconds(worker.handle());
        double packagersBefore = ProcessFigures.cpuSeconds(ProcessHandle.current());
        TimeUnit.SECONDS.sleep(seconds);
        double gb = load.messagesPerSecond() * MESSAGE_BYTES * seconds / 1e9;
        double workerPerGb = (ProcessFigures.cpuSeconds(worker.handle()) - workerBefore) / gb;
        double packagersPerGb =
                (ProcessFigures.cpuSeconds(ProcessHandle.current()) - packagersBefore) / gb;
        long sent = sent(said);
        // What is on its way: the SRT latency, and some time for the packagers.
        TimeUnit.SECONDS.sleep(1);
        subscribers.forEach(MirrorSubscriber::close);
        for (Thread packager : packagers) {
            packager.join();
        }
        return report(load, books, sent, delays, workerPerGb, packagersPerGb);
    }

    private boolean report(
            Load load,
            List<NumberedStream> books,
            long sent,
            DelayHistogram delays,
            double workerPerGb,
            double packagersPerGb) {
        long delivered = books.stream().mapToLong(NumberedStream::delivered).sum();
        long cold = books.stream().mapToLong(NumberedStream::missingWhileCold).sum();
        long wrong = books.stream().mapToLong(NumberedStream::wrong).sum();
        // What was sent and is not in the books is missing at the end.
        long atTheEnd =
                sent * load.packagers() - books.stream().mapToLong(NumberedStream::next).sum();
        long missing = books.stream().mapToLong(NumberedStream::missing).sum() + atTheEnd;
        System.out.printf(
                Locale.ROOT,
                "%7d %4d %9d %,10d %7d %5d | %13d | %6.1f %6.1f %11.2f %14.2f%n",
                load.streams(),
                load.mbps(),
                load.packagers(),
                delivered,
                missing,
                wrong,
                cold,
                delays.percentileMs(0.5),
                delays.percentileMs(0.99),
                workerPerGb,
                packagersPerGb);
        double expected = load.messagesPerSecond() * seconds;
        if (delivered < expected * 0.97) {
            System.out.printf(
                    Locale.ROOT,
                    "        the publishers sent less than they should: %.0f %% of the rate; this"
                            + " machine has not enough cores for this load%n",
                    delivered / expected * 100);
        }
        return missing == 0 && wrong == 0;
    }

    private static void read(MirrorSubscriber subscriber, NumberedStream book) {
        try {
            subscriber.run(book);
        } catch (IOException e) {
            System.err.println("a packager ended: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Process sender(Load load, int port) throws IOException {
        return new ProcessBuilder(
                        generator.toString(),
                        "-p",
                        Integer.toString(port),
                        "-n",
                        Integer.toString(load.streams()),
                        "-m",
                        Integer.toString(load.mbps()),
                        "-t",
                        Integer.toString(warmSeconds + seconds),
                        "-w",
                        Integer.toString(CONNECTED_TO_START_MS),
                        "-i",
                        "publish/s%d")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    /** How many messages the sender says that it sent. */
    private static long sent(BufferedReader said) throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            int at = line.indexOf(" msgs=");
            if (line.startsWith("END ") && at > 0) {
                int from = at + " msgs=".length();
                return Long.parseLong(line.substring(from, line.indexOf(' ', from)));
            }
        }
        throw new IOException("the sender ended early");
    }

    private static void awaitRegistered(MirrorProcess control, MirrorProcess worker)
            throws InterruptedException {
        ManagedChannel api =
                NettyChannelBuilder.forTarget(control.address("http")).usePlaintext().build();
        try {
            worker.awaitRegistered(api);
        } finally {
            api.shutdownNow();
        }
    }
}
