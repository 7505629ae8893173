package live.mirror.receive.udp;

import java.net.InetAddress;
import java.util.List;

/**
 * A multicast group to be joined.
 *
 * @param group its address
 * @param interfaceName by which network interface; empty lets the routing table choose
 * @param sources the only senders wanted (source-specific multicast); empty wants all
 */
public record Membership(InetAddress group, String interfaceName, List<InetAddress> sources) {

    /** Refuses what is no group. */
    public Membership {
        if (!group.isMulticastAddress()) {
            throw new IllegalArgumentException(
                    group.getHostAddress() + " is not a multicast address");
        }
        sources = List.copyOf(sources);
    }
}
