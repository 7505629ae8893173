package live.mirror.rtp;

import java.util.EnumMap;
import java.util.Map;

/**
 * Counts malformed datagrams by cause. One thread adds; any thread reads, possibly a moment late.
 */
public final class FaultCounters {

    private static final class Counter {
        private long value;
    }

    private final Map<PacketFault, Counter> counters = new EnumMap<>(PacketFault.class);

    /** Makes counters that are all zero. */
    public FaultCounters() {
        for (PacketFault fault : PacketFault.values()) {
            counters.put(fault, new Counter());
        }
    }

    /** Counts one datagram. */
    public void add(PacketFault fault) {
        counter(fault).value++;
    }

    /** Adds what another has counted. */
    public void addAll(FaultCounters other) {
        counters.forEach((fault, counter) -> counter.value += other.count(fault));
    }

    /** How many had this fault. */
    public long count(PacketFault fault) {
        return counter(fault).value;
    }

    /** How many were malformed in any way. */
    public long total() {
        return counters.values().stream().mapToLong(counter -> counter.value).sum();
    }

    private Counter counter(PacketFault fault) {
        Counter counter = counters.get(fault);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + fault);
        }
        return counter;
    }
}
