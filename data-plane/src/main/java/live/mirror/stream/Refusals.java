package live.mirror.stream;

import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.atomic.LongAdder;

/**
 * Publishers that were refused, until somebody takes them to the control plane. Bounded: under a
 * flood some are counted only.
 */
public final class Refusals {

    private static final int KEPT = 100;

    private final ArrayBlockingQueue<Refusal> latest = new ArrayBlockingQueue<>(KEPT);
    private final LongAdder count = new LongAdder();
    private final LongAdder untold = new LongAdder();

    /**
     * One refusal.
     *
     * @param protocol by which the publisher came
     * @param source its address, host:port
     * @param streamId the id as it was read; empty when there was none or it is no id
     * @param reason why
     * @param detail one sentence for people
     * @param unixMs when, in milliseconds
     */
    public record Refusal(
            Protocol protocol,
            String source,
            String streamId,
            Reason reason,
            String detail,
            long unixMs) {}

    /** Notes a refusal. Any thread. */
    public void add(Refusal refusal) {
        count.increment();
        if (!latest.offer(refusal)) {
            untold.increment();
        }
    }

    /** Notes that there was one, when its story would cost too much. */
    public void count() {
        count.increment();
        untold.increment();
    }

    /** Takes what was noted since the last call. */
    public List<Refusal> take() {
        List<Refusal> taken = new ArrayList<>();
        latest.drainTo(taken);
        return taken;
    }

    /** Whether a story could be kept now; a gate that is flooded need not tell one. */
    public boolean hasRoom() {
        return latest.remainingCapacity() > 0;
    }

    /** How many there were. */
    public long total() {
        return count.sum();
    }

    /** How many were counted only. */
    public long untold() {
        return untold.sum();
    }
}
