package live.mirror.link;

import live.mirror.stream.LiveStream;
import live.mirror.v1.ClusterRoom;
import live.mirror.v1.Room;
import live.mirror.v1.WorkerCapacity;

import java.util.Collection;

/** What is left for new streams here, when the cluster has got full or has room again. Pure. */
final class RoomLeft {

    private RoomLeft() {}

    /**
     * The lesser of the cluster's and this worker's own remainder.
     *
     * @param granted new streams promised to this worker, which the cluster's remainder leaves out
     * @param before who may return although there is no room stays as it was told last
     */
    static Room here(
            ClusterRoom cluster,
            WorkerCapacity capacity,
            Collection<LiveStream> held,
            int granted,
            Room before) {
        int ownStreams = capacity.getStreams() - held.size();
        boolean ownLimit = capacity.getKbps() > 0;
        long ownKbps =
                ownLimit
                        ? capacity.getKbps()
                                - held.stream().mapToLong(LiveStream::reservedKbps).sum()
                        : Long.MAX_VALUE;
        long clusterKbps = cluster.getKbpsLimited() ? cluster.getKbps() : Long.MAX_VALUE;
        boolean limited = ownLimit || cluster.getKbpsLimited();
        return before.toBuilder()
                .setStreams(Math.max(0, Math.min(cluster.getStreams() + granted, ownStreams)))
                .setKbpsLimited(limited)
                .setKbps(limited ? Math.max(0, Math.min(clusterKbps, ownKbps)) : 0)
                .build();
    }
}
