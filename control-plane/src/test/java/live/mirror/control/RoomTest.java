package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;
import static live.mirror.control.testing.FakeWorker.held;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.control.testing.FakeWorker;
import live.mirror.v1.ClusterRoom;
import live.mirror.v1.Reason;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.Map;

/** What gates are told at once, because an encoder can be told a reason only in its handshake. */
class RoomTest {

    private ControlPlane controlPlane;
    private FakeWorker w1;
    private FakeWorker w2;

    @BeforeEach
    void start() throws Exception {
        controlPlane =
                ControlPlane.start(
                        ControlPlaneTest.settings(
                                Map.of("registry.lease", "10s", "admission.max-streams", "2")));
        w1 = new FakeWorker(controlPlane.linkPort(), "w1", 1);
        w2 = new FakeWorker(controlPlane.linkPort(), "w2", 1);
        w1.register(10);
        w2.register(10);
        w1.listen();
        w2.listen();
    }

    @AfterEach
    void stop() {
        w1.close();
        w2.close();
        controlPlane.close();
    }

    @Test
    void everyGateHearsAtOnceThatTheClusterIsFullAndThatItHasRoomAgain() throws Exception {
        w1.claim("cam1");
        long epoch = w1.claim("cam2").getAdmitted().getEpoch();
        assertThat(w2.nextCommand().getClusterRoom()).isEqualTo(ClusterRoom.getDefaultInstance());
        w1.release("cam2", epoch, Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(w2.nextCommand().getClusterRoom().getStreams()).isEqualTo(1);
        assertThat(w1.nextCommand().getClusterRoom().getStreams()).isZero();
        assertThat(w1.nextCommand().getClusterRoom().getStreams()).isEqualTo(1);
    }

    @Test
    void aReportThatTheRegistryDoesNotHearBringsNoStaleRoom() {
        long epoch = w1.claim("cam1").getAdmitted().getEpoch();
        assertThat(w1.report(active("cam1", epoch, 1)).hasRoom()).isTrue();
        assertThat(w1.report(active("cam1", epoch, 2)).hasRoom()).isFalse();
    }

    @Test
    void theOldWorkerIsToldWhereAStreamWentOn() throws Exception {
        long first = w1.claim("cam1").getAdmitted().getEpoch();
        w1.release("cam1", first, Reason.REASON_PUBLISHER_LOST);
        long second = w2.claim("cam1").getAdmitted().getEpoch();
        assertThat(w1.nextEnd())
                .satisfies(end -> {
                    assertThat(end.getEpoch()).isEqualTo(first);
                    assertThat(end.getReason()).isEqualTo(Reason.REASON_MOVED);
                    assertThat(end.getMovedTo()).isEqualTo("w2.test:9090");
                });
        // The same for a worker that missed the command.
        assertThat(w1.register(10, held("cam1", first)).getFencedStreamsList())
                .singleElement()
                .satisfies(fenced -> assertThat(fenced.getMovedTo()).isEqualTo("w2.test:9090"));
        assertThat(w1.report(active("cam1", first, 1)).getFencedStreamsList())
                .singleElement()
                .satisfies(fenced -> assertThat(fenced.getMovedTo()).isEqualTo("w2.test:9090"));
        assertThat(second).isGreaterThan(first);
    }
}
