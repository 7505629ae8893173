package live.mirror.deploy;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A control plane and its workers as real processes on free ports; everything that it started ends
 * with it.
 */
final class Cluster implements AutoCloseable {

    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());

    private final TextClient http = new TextClient(Duration.ofSeconds(5));
    private final List<MirrorProcess> processes = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final Map<String, String> controlSettings;
    private MirrorProcess control;

    private Cluster(Map<String, String> controlSettings) throws Exception {
        this.controlSettings = MirrorProcess.controlPlaneSettings();
        this.controlSettings.putAll(controlSettings);
        control = started("control-plane", this.controlSettings);
    }

    /** Starts a control plane with these settings on top of free ports. */
    static Cluster start(Map<String, String> controlSettings) throws Exception {
        return new Cluster(controlSettings);
    }

    MirrorProcess control() {
        return control;
    }

    /** Starts a worker and waits until the control plane lists it. */
    MirrorProcess startWorker(String id, Map<String, String> settings) throws Exception {
        Map<String, String> all = MirrorProcess.workerSettings(id, control);
        all.putAll(settings);
        MirrorProcess worker = started("data-plane", all);
        await(
                "worker " + id + " is listed",
                Duration.ofSeconds(10),
                () -> get("/api/v1/workers").contains("\"" + id + "\""));
        return worker;
    }

    /** Starts the control plane again, on the ports that it had. */
    MirrorProcess restartControl() throws Exception {
        controlSettings.putAll(control.controlPlaneAddresses());
        control = started("control-plane", controlSettings);
        return control;
    }

    /** The body of an HTTP answer of the public API, or the problem as text when there is none. */
    String get(String path) {
        return http.get(control.address("http"), path);
    }

    /** Deletes, and returns the answer's body. */
    String delete(String path) {
        return http.delete(control.address("http"), path);
    }

    /** Sends JSON by this method, and returns the answer's body. */
    String send(String method, String path, String json) {
        return http.send(method, control.address("http"), path, json);
    }

    /** The body of an HTTP answer of any of our admin servers. */
    String getFrom(String address, String path) {
        return http.get(address, path);
    }

    /** Whether the API shows the stream with this status. */
    boolean hasStatus(String streamId, String status) {
        return get("/api/v1/streams/" + streamId).contains("\"" + status + "\"");
    }

    /** A channel to a worker's delivery service. */
    ManagedChannel delivery(MirrorProcess worker) {
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(worker.address("delivery"))
                        .usePlaintext()
                        .maxInboundMessageSize(1 << 20)
                        .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() throws Exception {
        channels.forEach(ManagedChannel::shutdownNow);
        for (MirrorProcess process : processes.reversed()) {
            process.close();
        }
        http.close();
    }

    /** Waits for a condition, asking every 20 ms. */
    static void await(String what, Duration atMost, BooleanSupplier condition)
            throws InterruptedException {
        long deadlineNs = System.nanoTime() + atMost.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("not within " + atMost.toMillis() + " ms: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private MirrorProcess started(String module, Map<String, String> settings) throws Exception {
        MirrorProcess process = MirrorProcess.start(ROOT, module, settings);
        processes.add(process);
        return process;
    }
}
