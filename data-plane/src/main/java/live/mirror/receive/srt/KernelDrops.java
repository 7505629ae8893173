package live.mirror.receive.srt;

/**
 * Tells what the packet filter dropped from what found a buffer full: the kernel counts both in one
 * figure of the socket, but overflows also in one of the host. What overflowed elsewhere on the
 * host in the same second may be taken for ours, never the other way round. Any thread.
 */
final class KernelDrops {

    private long dropped;
    private long hostOverflows;
    private long filtered;
    private long overflowed;

    /** Counts from here on; drops of before can't be ours. */
    KernelDrops(long hostOverflowsNow) {
        hostOverflows = hostOverflowsNow;
    }

    /**
     * Looks at the counters; about once a second.
     *
     * @param droppedNow what the kernel dropped at our sockets so far
     * @param hostOverflowsNow what it dropped at any socket because a buffer was full
     */
    synchronized void look(long droppedNow, long hostOverflowsNow) {
        long more = Math.max(0, droppedNow - dropped);
        long full = Math.clamp(hostOverflowsNow - hostOverflows, 0, more);
        filtered += more - full;
        overflowed += full;
        dropped = droppedNow;
        hostOverflows = hostOverflowsNow;
    }

    /** Datagrams that the packet filter dropped. */
    synchronized long filtered() {
        return filtered;
    }

    /** Datagrams that found a buffer full; at most this many. */
    synchronized long overflowed() {
        return overflowed;
    }
}
