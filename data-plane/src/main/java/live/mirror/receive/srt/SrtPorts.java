package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.receive.udp.HostOverflows;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** The sockets on which callers are accepted, watched once a second. Any thread reads. */
final class SrtPorts {

    private static final long WATCH_NS = 1_000_000_000;
    private static final long WARN_PAUSE_NS = 10 * WATCH_NS;
    private static final System.Logger LOG = System.getLogger(SrtPorts.class.getName());

    private final List<Port> ports = new CopyOnWriteArrayList<>();
    private final KernelDrops drops = new KernelDrops(HostOverflows.count());
    private final int wantedBufferBytes;

    // The tick's.
    private long nextWatchNs;

    // Guarded by the lock.
    private long nextWarningNs;
    private long toldOverflows;

    /** A listener, the stream that its port stands for, and the watch over its receive thread. */
    record Port(SrtListener listener, Optional<StreamId> boundTo, ReceiveWatch watch) {}

    /**
     * Has none yet.
     *
     * @param wantedBufferBytes what is asked for as each socket's receive buffer
     */
    SrtPorts(int wantedBufferBytes, long nowNs) {
        this.wantedBufferBytes = wantedBufferBytes;
        this.nextWatchNs = nowNs;
        this.nextWarningNs = nowNs;
    }

    void add(SrtListener listener, Optional<StreamId> boundTo, long nowNs) {
        ReceiveWatch watch = new ReceiveWatch(nowNs, listener.receiveThreadCpuNs());
        ports.add(new Port(listener, boundTo, watch));
    }

    /** Where it listens, every socket of every port, with the ports that the system chose. */
    List<InetSocketAddress> addresses() {
        return ports.stream().map(port -> port.listener().address()).toList();
    }

    /** The first socket of this port; port 0 means the first of all. */
    Optional<Port> find(int port) {
        return ports.stream()
                .filter(each -> port == 0 || each.listener().address().getPort() == port)
                .findFirst();
    }

    /** Share of one core of each socket's receive thread in the last second. */
    List<Double> receiveThreadShares() {
        return ports.stream().map(port -> port.watch().share()).toList();
    }

    /** What the system granted as the receive buffer of each socket, in bytes. */
    int receiveBufferBytes() {
        return ports.getFirst().listener().udpReceiveBufferBytes();
    }

    /** As the kernel counts it: filtered, or because a buffer was full. */
    long droppedDatagrams() {
        return ports.stream().mapToLong(port -> port.listener().droppedDatagrams()).sum();
    }

    /** As of now. */
    KernelDrops drops() {
        drops.look(droppedDatagrams(), HostOverflows.count());
        return drops;
    }

    /** Why nobody new should come, if so: a receive thread is stuck or overloaded. */
    Optional<String> problem() {
        return ports.stream()
                .filter(port -> port.watch().isStuck())
                .findFirst()
                .map(port ->
                        "the SRT receive thread of port "
                                + port.listener().address().getPort()
                                + " is stuck or overloaded");
    }

    /** From now on the kernel drops the handshakes of these sources, and of no others. */
    void shutOut(Set<InetAddress> sources) {
        ports.forEach(port -> port.listener().shutOut(sources));
    }

    /** Watches the receive threads and the buffers, once a second. The tick's thread. */
    void pulse(long nowNs) {
        if (nowNs - nextWatchNs >= 0) {
            nextWatchNs = nowNs + WATCH_NS;
            ports.forEach(port -> look(port, nowNs));
            // It reads files, which is nothing for the thread that brings the media.
            Thread.ofVirtual().name("srt-overflow-watch").start(() -> warnOfOverflows(nowNs));
        }
    }

    private static void look(Port port, long nowNs) {
        boolean wasStuck = port.watch().isStuck();
        port.watch().look(nowNs, port.listener().receiveThreadCpuNs());
        if (port.watch().isStuck() != wasStuck) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the receive thread of {0} {1}",
                    port.listener().address(),
                    wasStuck
                            ? "runs again"
                            : "is stuck or overloaded; this worker is not ready until it rests");
        }
    }

    private synchronized void warnOfOverflows(long nowNs) {
        long overflows = drops().overflowed();
        if (overflows != toldOverflows && nowNs - nextWarningNs >= 0) {
            nextWarningNs = nowNs + WARN_PAUSE_NS;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the kernel dropped up to {0,number,#} SRT datagrams because a receive buffer"
                            + " was full; raise srt.udp-receive-buffer (now {1,number,#}) and, so"
                            + " that it is granted, sysctl net.core.rmem_max",
                    overflows - toldOverflows,
                    wantedBufferBytes);
            toldOverflows = overflows;
        }
    }
}
