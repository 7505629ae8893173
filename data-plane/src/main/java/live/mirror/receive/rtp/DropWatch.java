package live.mirror.receive.rtp;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/**
 * Warns when the kernel drops datagrams, at most once in ten seconds. Belongs to the tick thread.
 */
final class DropWatch {

    private static final Logger LOG = System.getLogger(DropWatch.class.getName());
    private static final long PAUSE_NS = 10_000_000_000L;

    private final int wantedBytes;
    private long toldCount;
    private long quietUntilNs;

    /**
     * Watches nothing yet.
     *
     * @param wantedBytes the receive buffer that is asked for
     */
    DropWatch(int wantedBytes, long nowNs) {
        this.wantedBytes = wantedBytes;
        quietUntilNs = nowNs;
    }

    /** Looks at the sockets of all inputs. */
    void look(List<? extends Input> inputs, long nowNs) {
        if (quietUntilNs - nowNs > 0) {
            return;
        }
        long count = 0;
        for (Input input : inputs) {
            for (Endpoint endpoint : input.endpoints()) {
                count += endpoint.socket().droppedCount();
            }
        }
        if (count > toldCount) {
            quietUntilNs = nowNs + PAUSE_NS;
            LOG.log(
                    Level.WARNING,
                    "the kernel dropped {0} RTP datagrams because a receive buffer was full; raise"
                            + " rtp.receive-buffer (now {1}) and, so that it is granted, sysctl"
                            + " net.core.rmem_max",
                    count - toldCount,
                    Integer.toString(wantedBytes));
        }
        toldCount = count;
    }
}
