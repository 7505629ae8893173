package live.mirror.delivery;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What all subscriptions of this worker together have done. Any thread. */
public final class DeliveryCounters {

    final AtomicInteger open = new AtomicInteger();
    final LongAdder bytes = new LongAdder();
    final LongAdder chunks = new LongAdder();
    final LongAdder lapped = new LongAdder();
    final LongAdder lostBytes = new LongAdder();
    final LongAdder tooSlow = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder refusedByStream = new LongAdder();
    final LongAdder refusedByAddress = new LongAdder();
    final LongAdder refusedBySize = new LongAdder();
    final LongAdder refusedByToken = new LongAdder();
    final LongAdder refusedByConnection = new LongAdder();
    final LongAdder flooding = new LongAdder();
    final LongAdder silent = new LongAdder();

    /** Open subscriptions. */
    public int open() {
        return open.get();
    }

    /** Media bytes handed to gRPC. */
    public long bytes() {
        return bytes.sum();
    }

    /** Chunks handed to gRPC. */
    public long chunks() {
        return chunks.sum();
    }

    /** How often a ring overtook a subscriber. */
    public long lapped() {
        return lapped.sum();
    }

    /** Media bytes that subscribers were told they lost. */
    public long lostBytes() {
        return lostBytes.sum();
    }

    /** Subscriptions ended because they did not read. */
    public long tooSlow() {
        return tooSlow.sum();
    }

    /** Subscriptions refused because the worker has as many as it may. */
    public long refused() {
        return refused.sum();
    }

    /** Subscriptions refused because their stream has as many as it may. */
    public long refusedByStream() {
        return refusedByStream.sum();
    }

    /** Subscriptions refused because their address has as many connections as it may. */
    public long refusedByAddress() {
        return refusedByAddress.sum();
    }

    /** Requests refused because they were too large. */
    public long refusedBySize() {
        return refusedBySize.sum();
    }

    /** Calls refused because they showed no token, or a wrong one. */
    public long refusedByToken() {
        return refusedByToken.sum();
    }

    /** Calls refused because their connection has as many as it may. */
    public long refusedByConnection() {
        return refusedByConnection.sum();
    }

    /** Connections ended because of pings or resets more often than allowed. */
    public long flooding() {
        return flooding.sum();
    }

    /** Subscriptions ended because their connection gave no sign of life. */
    public long silent() {
        return silent.sum();
    }
}
