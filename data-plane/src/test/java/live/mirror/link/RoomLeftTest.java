package live.mirror.link;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.v1.ClusterRoom;
import live.mirror.v1.Room;
import live.mirror.v1.WorkerCapacity;

import org.junit.jupiter.api.Test;

import java.util.List;

class RoomLeftTest {

    private static final Room BEFORE =
            Room.newBuilder().setStreams(3).addReturningStreams("cam1").build();

    @Test
    void aFullClusterLeavesOnlyWhatIsPromisedAndWhoMayReturn() {
        assertThat(here(ClusterRoom.getDefaultInstance(), streams(10), 0).getStreams()).isZero();
        assertThat(here(ClusterRoom.getDefaultInstance(), streams(10), 2).getStreams())
                .isEqualTo(2);
        assertThat(here(ClusterRoom.getDefaultInstance(), streams(10), 0).getReturningStreamsList())
                .containsExactly("cam1");
    }

    @Test
    void theLesserOfClusterAndWorkerCounts() {
        ClusterRoom cluster = ClusterRoom.newBuilder().setStreams(5).build();
        assertThat(here(cluster, streams(10), 0).getStreams()).isEqualTo(5);
        assertThat(here(cluster, streams(4), 0).getStreams()).isEqualTo(4);
    }

    @Test
    void aBitrateLimitsWhereEitherHasALimit() {
        ClusterRoom limited =
                ClusterRoom.newBuilder().setStreams(5).setKbps(700).setKbpsLimited(true).build();
        ClusterRoom unlimited = ClusterRoom.newBuilder().setStreams(5).build();
        WorkerCapacity worker = streams(10).toBuilder().setKbps(500).build();
        assertThat(here(limited, worker, 0).getKbps()).isEqualTo(500);
        assertThat(here(limited, streams(10), 0).getKbps()).isEqualTo(700);
        assertThat(here(unlimited, worker, 0).getKbps()).isEqualTo(500);
        assertThat(here(unlimited, streams(10), 0).getKbpsLimited()).isFalse();
    }

    private static Room here(ClusterRoom cluster, WorkerCapacity capacity, int granted) {
        return RoomLeft.here(cluster, capacity, List.of(), granted, BEFORE);
    }

    private static WorkerCapacity streams(int streams) {
        return WorkerCapacity.newBuilder().setStreams(streams).build();
    }
}
