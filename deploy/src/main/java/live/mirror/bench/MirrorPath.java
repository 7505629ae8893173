package live.mirror.bench;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.deploy.MirrorProcess;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A whole Mirror; its packagers are this process's. */
final class MirrorPath implements PathServer {

    /** As {@code deploy/mirror worker} has it. */
    private static final List<String> WORKER_HEAP = List.of("-XX:+UseZGC", "-Xmx512m");

    private final Path generator;
    private final MirrorProcess control;
    private final MirrorProcess worker;

    private MirrorPath(Path generator, MirrorProcess control, MirrorProcess worker) {
        this.generator = generator;
        this.control = control;
        this.worker = worker;
    }

    static MirrorPath start(Path root, Path generator) throws IOException, InterruptedException {
        Map<String, String> limits = MirrorProcess.controlPlaneSettings();
        limits.put("admission.max-streams", "1000");
        MirrorProcess control = MirrorProcess.start(root, "control-plane", limits);
        try {
            MirrorProcess worker =
                    MirrorProcess.start(
                            root,
                            "data-plane",
                            MirrorProcess.workerSettings("bench", control),
                            WORKER_HEAP);
            MirrorPath started = new MirrorPath(generator, control, worker);
            started.awaitRegistered();
            return started;
        } catch (IOException e) {
            control.close();
            throw e;
        }
    }

    private void awaitRegistered() throws InterruptedException {
        ManagedChannel api =
                NettyChannelBuilder.forTarget(control.address("http")).usePlaintext().build();
        try {
            worker.awaitRegistered(api);
        } finally {
            api.shutdownNow();
        }
    }

    @Override
    public String name() {
        return "mirror";
    }

    @Override
    public PathFigures measure(PathLoad load, int round, int warmSeconds, int seconds)
            throws IOException, InterruptedException {
        String prefix = "r" + round + "s";
        try (PathPublishers publishers =
                PathPublishers.connect(
                        generator,
                        worker.port("srt"),
                        "publish/" + prefix + "%d",
                        load,
                        warmSeconds + seconds)) {
            long countFromNs =
                    System.nanoTime()
                            + TimeUnit.MILLISECONDS.toNanos(PathPublishers.CONNECTED_TO_START_MS)
                            + TimeUnit.SECONDS.toNanos(warmSeconds);
            Packagers packagers = new Packagers(load, prefix, countFromNs);
            TimeUnit.NANOSECONDS.sleep(countFromNs - System.nanoTime());
            double serverBefore = ProcessFigures.cpuSeconds(worker.handle());
            double readersBefore = ProcessFigures.cpuSeconds(ProcessHandle.current());
            TimeUnit.SECONDS.sleep(seconds);
            double server = ProcessFigures.cpuSeconds(worker.handle()) - serverBefore;
            double readers = ProcessFigures.cpuSeconds(ProcessHandle.current()) - readersBefore;
            long sent = publishers.sent();
            // What is on its way: the SRT latency, and some time for the packagers.
            TimeUnit.SECONDS.sleep(1);
            packagers.end();
            double gigabytes = load.gigabytes(seconds);
            return packagers.figures(sent, server / gigabytes, readers / gigabytes);
        }
    }

    @Override
    public void close() throws InterruptedException {
        worker.close();
        control.close();
    }

    /** All packagers of one load, and their books. */
    private final class Packagers {

        private final int perStream;
        private final DelayHistogram delays = new DelayHistogram();
        private final List<NumberedStream> books = new ArrayList<>();
        private final List<MirrorSubscriber> subscribers = new ArrayList<>();
        private final List<Thread> threads = new ArrayList<>();

        Packagers(PathLoad load, String prefix, long countFromNs) {
            perStream = load.readers();
            for (int i = 0; i < load.streams() * load.readers(); i++) {
                int stream = i % load.streams();
                NumberedStream book = new NumberedStream(stream, delays, countFromNs);
                MirrorSubscriber subscriber =
                        MirrorSubscriber.to(prefix + stream)
                                .controlPlane(control.address("http"))
                                .from(StartAt.OLDEST)
                                .waitForStream(true)
                                .build();
                books.add(book);
                subscribers.add(subscriber);
                threads.add(Thread.ofVirtual().start(() -> read(subscriber, book)));
            }
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

        void end() throws InterruptedException {
            subscribers.forEach(MirrorSubscriber::close);
            for (Thread thread : threads) {
                thread.join();
            }
        }

        PathFigures figures(long sent, double serverSeconds, double readerSeconds) {
            // What was sent and is not in the books is missing at the end.
            long atTheEnd = sent * perStream - books.stream().mapToLong(NumberedStream::next).sum();
            return new PathFigures(
                    books.stream().mapToLong(NumberedStream::delivered).sum(),
                    books.stream().mapToLong(NumberedStream::missing).sum() + atTheEnd,
                    books.stream().mapToLong(NumberedStream::wrong).sum(),
                    books.stream().mapToLong(NumberedStream::missingWhileCold).sum(),
                    delays.percentileMs(0.5),
                    delays.percentileMs(0.99),
                    serverSeconds,
                    readerSeconds);
        }
    }
}
