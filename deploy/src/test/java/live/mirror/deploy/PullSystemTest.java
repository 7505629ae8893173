package live.mirror.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;

/** Streams that are fetched: the control plane says who dials, and says it anew when that dies. */
@Timeout(180)
class PullSystemTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @Test
    void aFetchedStreamGoesOnAtAnotherWorkerWhenItsOwnDiesAndEndsWithItsDefinition()
            throws Exception {
        int port = freePort();
        try (Cluster cluster = Cluster.start(Map.of());
                NumberedPublisher _ = NumberedPublisher.listening(port, 4_000);
                ClientLedger packager =
                        new ClientLedger(cluster.control().address("http"), "cam1")) {
            MirrorProcess w1 = cluster.startWorker("w1", Map.of());
            MirrorProcess w2 = cluster.startWorker("w2", Map.of());
            cluster.send(
                    "PUT",
                    "/api/v1/definitions/cam1",
                    "{\"pull\":{\"host\":\"127.0.0.1\",\"port\":"
                            + port
                            + ",\"backoffMaxMs\":1000}}");
            Cluster.await("media", SOON, () -> packager.packets() > 1_000);
            String first = packager.worker();
            Cluster.await(
                    "the API shows who fetches it",
                    SOON,
                    () ->
                            cluster.get("/api/v1/pulls/cam1")
                                    .contains(
                                            "\"worker\":\""
                                                    + first
                                                    + "\",\"state\":\"CONNECTED\""));
            (first.equals("w1") ? w1 : w2).kill();
            Cluster.await("the other worker", SOON, () -> !packager.worker().equals(first));
            long before = packager.packets();
            Cluster.await("media again", SOON, () -> packager.packets() > before + 1_000);
            assertThat(packager.wrong() + packager.untold()).isZero();
            cluster.delete("/api/v1/definitions/cam1");
            Cluster.await("stopped", SOON, () -> cluster.hasStatus("cam1", "STOPPED"));
        }
    }

    private static int freePort() throws Exception {
        try (DatagramSocket socket =
                new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))) {
            return socket.getLocalPort();
        }
    }
}
