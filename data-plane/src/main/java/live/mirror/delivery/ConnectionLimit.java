package live.mirror.delivery;

import io.grpc.Attributes;
import io.grpc.Grpc;
import io.grpc.ServerTransportFilter;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts connections by the address that they come from. One above the bound is let in and each of
 * its calls is refused, so that the packager is told why; an idle connection is closed soon. Peers
 * on the Unix socket have no address and no bound. Runs on the event loops.
 */
final class ConnectionLimit extends ServerTransportFilter {

    private static final Attributes.Key<Boolean> EXCESS =
            Attributes.Key.create("live.mirror.delivery.excess");

    private final int maxPerAddress;
    private final ConcurrentHashMap<InetAddress, Integer> connections = new ConcurrentHashMap<>();

    ConnectionLimit(int maxPerAddress) {
        this.maxPerAddress = maxPerAddress;
    }

    /** Whether a call came by a connection above the bound. */
    static boolean isExcess(Attributes call) {
        return call.get(EXCESS) != null;
    }

    @Override
    public Attributes transportReady(Attributes transport) {
        return transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer
                        && connections.merge(peer.getAddress(), 1, Integer::sum) > maxPerAddress
                ? transport.toBuilder().set(EXCESS, true).build()
                : transport;
    }

    @Override
    public void transportTerminated(Attributes transport) {
        if (transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress peer) {
            connections.computeIfPresent(
                    peer.getAddress(), (_, count) -> count == 1 ? null : count - 1);
        }
    }
}
