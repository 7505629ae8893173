package live.mirror.receive.rtp;

import live.mirror.receive.udp.Membership;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One place where a stream's packets come to.
 *
 * @param bind address and port of the media; RTCP comes to the next port. For multicast the group's
 *     own address, so that nothing else is received
 * @param membership the multicast group; empty for unicast
 */
public record RtpLeg(InetSocketAddress bind, Optional<Membership> membership) {

    /** Unicast. */
    public RtpLeg(InetSocketAddress bind) {
        this(bind, Optional.empty());
    }

    /** Multicast. */
    public static RtpLeg multicast(Membership membership, int port) {
        return new RtpLeg(new InetSocketAddress(membership.group(), port), Optional.of(membership));
    }
}
