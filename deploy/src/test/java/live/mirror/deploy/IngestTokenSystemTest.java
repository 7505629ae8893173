package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;

import live.mirror.v1.AllocateIngestRequest;
import live.mirror.v1.AllocateIngestResponse;
import live.mirror.v1.EventServiceGrpc;
import live.mirror.v1.ExplainIngestRequest;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.IngestServiceGrpc;
import live.mirror.v1.ListRefusalsRequest;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.Reason;
import live.mirror.v1.Refusal;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerServiceGrpc;
import live.mirror.v1.WorkerStatus;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * A place to publish that is given away by the API, over listeners and a link that are encrypted.
 */
@Timeout(120)
class IngestTokenSystemTest {

    private static final Path ROOT =
            Objects.requireNonNull(Path.of("").toAbsolutePath().getParent());
    private static final Duration SOON = Duration.ofSeconds(20);

    private final List<MirrorProcess> processes = new ArrayList<>();

    @TempDir Path directory;

    @Test
    void aTokenLetsOnePublisherInOnceAtItsWorkerAlone() throws Exception {
        makeCertificates();
        MirrorProcess control = started("control-plane", controlPlane());
        ManagedChannel api =
                Grpc.newChannelBuilder(
                                control.address("http"),
                                TlsChannelCredentials.newBuilder()
                                        .trustManager(directory.resolve("ca.pem").toFile())
                                        .build())
                        .build();
        try {
            Map<String, MirrorProcess> workers =
                    Map.of("w1", worker("w1", control), "w2", worker("w2", control));
            Cluster.await("both workers are live", SOON, () -> live(api) == 2);
            AllocateIngestResponse late = allocate(api, "late");
            AllocateIngestResponse given = allocate(api, "cam1");
            int own = port(workers, given.getWorker());
            int other = port(workers, given.getWorker().equals("w1") ? "w2" : "w1");
            String streamId = given.getSrtStreamId();
            assertThat(SrtRefusal.of(other, streamId)).isEqualTo(1403);
            assertThat(SrtRefusal.of(own, streamId.replace("r=cam1", "r=cam2"))).isEqualTo(1403);
            assertThat(SrtRefusal.of(own, streamId.replace("s=mt1.", "s=mt1.A"))).isEqualTo(1401);
            try (NumberedPublisher publisher = new NumberedPublisher(own, streamId, 2_000)) {
                await(api, "cam1", StreamStatus.STREAM_STATUS_ACTIVE);
                assertThat(publisher.isAlive()).isTrue();
            }
            await(api, "cam1", StreamStatus.STREAM_STATUS_RECONNECTING);
            assertThat(SrtRefusal.of(own, streamId)).isEqualTo(1424);
            Cluster.await(
                    "the second use can be looked up",
                    SOON,
                    () -> refusals(api).stream().anyMatch(IngestTokenSystemTest::isSecondUse));
            Cluster.await("the other token is over", SOON, () -> explained(api, late) == 1424);
            assertThat(SrtRefusal.of(port(workers, late.getWorker()), late.getSrtStreamId()))
                    .isEqualTo(1424);
        } finally {
            api.shutdownNow();
            for (MirrorProcess process : processes.reversed()) {
                process.close();
            }
        }
    }

    private static int port(Map<String, MirrorProcess> workers, String id) {
        return Objects.requireNonNull(workers.get(id)).port("srt");
    }

    private static boolean isSecondUse(Refusal refusal) {
        return refusal.getStreamId().equals("cam1")
                && refusal.getReason() == Reason.REASON_TOKEN_EXPIRED
                && refusal.getSrtCode() == 1424;
    }

    private void makeCertificates() throws Exception {
        Process made =
                new ProcessBuilder(
                                ROOT.resolve("deploy/certificates").toString(),
                                directory.toString(),
                                "--worker",
                                "w1",
                                "--worker",
                                "w2")
                        .inheritIO()
                        .start();
        assertThat(made.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(made.exitValue()).isZero();
    }

    private Map<String, String> controlPlane() {
        Map<String, String> settings = MirrorProcess.controlPlaneSettings();
        settings.put("admission.token-lifetime", "8s");
        settings.put("tls.public.certificate", file("control-plane.pem"));
        settings.put("tls.public.key", file("control-plane.key"));
        settings.putAll(link("tls.link", "control-plane"));
        return settings;
    }

    private MirrorProcess worker(String id, MirrorProcess control) throws Exception {
        Map<String, String> settings = MirrorProcess.workerSettings(id, control);
        settings.putAll(link("link.tls", "worker-" + id));
        return started("data-plane", settings);
    }

    private Map<String, String> link(String root, String name) {
        return Map.of(
                root + ".certificate", file(name + ".pem"),
                root + ".key", file(name + ".key"),
                root + ".trust", file("ca.pem"));
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private MirrorProcess started(String module, Map<String, String> settings) throws Exception {
        MirrorProcess process = MirrorProcess.start(ROOT, module, settings);
        processes.add(process);
        return process;
    }

    private static long live(ManagedChannel api) {
        return WorkerServiceGrpc.newBlockingStub(api)
                .listWorkers(ListWorkersRequest.getDefaultInstance())
                .getWorkersList()
                .stream()
                .filter(worker -> worker.getStatus() == WorkerStatus.WORKER_STATUS_LIVE)
                .count();
    }

    private static AllocateIngestResponse allocate(ManagedChannel api, String stream) {
        return IngestServiceGrpc.newBlockingStub(api)
                .allocateIngest(AllocateIngestRequest.newBuilder().setStreamId(stream).build());
    }

    private static int explained(ManagedChannel api, AllocateIngestResponse given) {
        return IngestServiceGrpc.newBlockingStub(api)
                .explainIngest(
                        ExplainIngestRequest.newBuilder()
                                .setWorker(given.getWorker())
                                .setSrtStreamId(given.getSrtStreamId())
                                .build())
                .getSrtCode();
    }

    private static List<Refusal> refusals(ManagedChannel api) {
        return EventServiceGrpc.newBlockingStub(api)
                .listRefusals(ListRefusalsRequest.getDefaultInstance())
                .getRefusalsList();
    }

    private static void await(ManagedChannel api, String stream, StreamStatus status)
            throws Exception {
        Cluster.await(
                stream + " is " + status,
                SOON,
                () -> {
                    try {
                        return StreamServiceGrpc.newBlockingStub(api)
                                .getStream(GetStreamRequest.newBuilder().setId(stream).build())
                                .getStream()
                                .getStatus()
                                .equals(status);
                    } catch (io.grpc.StatusRuntimeException e) {
                        return false;
                    }
                });
    }
}
