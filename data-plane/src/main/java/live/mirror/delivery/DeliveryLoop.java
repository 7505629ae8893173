package live.mirror.delivery;

import io.netty.channel.EventLoop;

import live.mirror.ring.Batch;
import live.mirror.ring.Ring;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What the subscriptions of one event loop share: the pass that takes what is new out of the rings,
 * the buffer that media passes through, and the look-out for those that have stopped reading.
 * Everything here is the event loop's own unless it says otherwise.
 *
 * <p>A chunk costs its message, its system call and its reader's wake-up, whatever its size; so
 * there is one pass in an interval at most, however often the rings are written. While media flow,
 * the loop's own timer begins each pass, and who writes a ring wakes nobody.
 */
final class DeliveryLoop {

    private final EventLoop eventLoop;
    private final long intervalNs;
    private final Runnable pass = this::pass;

    /** Who has something to read, each at most once since its last turn. */
    private final Queue<Runnable> woken = new ConcurrentLinkedQueue<>();

    /** Whether a pass will come that sees what is in the queue now. */
    private final AtomicBoolean passDue = new AtomicBoolean();

    private long lastPassNs;
    private final Set<Subscription> subscriptions = new HashSet<>();
    private final Batch batch = new Batch(Ring.MAX_PAYLOAD_BYTES);
    private final ChunkEncoder encoder = new ChunkEncoder(batch);
    private final Outgoing.Media media = new Outgoing.Media(encoder);

    /** With at least so much time between two passes. */
    DeliveryLoop(EventLoop eventLoop, Duration interval) {
        this.eventLoop = eventLoop;
        this.intervalNs = interval.toNanos();
        this.lastPassNs = eventLoop.ticker().nanoTime() - intervalNs;
    }

    boolean isCurrent() {
        return eventLoop.inEventLoop();
    }

    /** Any thread; does nothing once the server has stopped. */
    void execute(Runnable task) {
        if (!eventLoop.isShutdown()) {
            eventLoop.execute(task);
        }
    }

    /** Has the task run in the next pass. Any thread; never blocks. */
    void wake(Runnable task) {
        woken.add(task);
        if (passDue.compareAndSet(false, true)) {
            execute(this::passWhenTime);
        }
    }

    private void passWhenTime() {
        long delayNs = lastPassNs + intervalNs - eventLoop.ticker().nanoTime();
        if (delayNs <= 0) {
            pass();
        } else {
            passIn(delayNs);
        }
    }

    private void passIn(long delayNs) {
        Future<?> _ = eventLoop.schedule(pass, delayNs, TimeUnit.NANOSECONDS);
    }

    private void pass() {
        lastPassNs = eventLoop.ticker().nanoTime();
        if (woken.isEmpty()) {
            passDue.set(false);
            // Who came before that line relied on this pass.
            if (woken.isEmpty() || !passDue.compareAndSet(false, true)) {
                return;
            }
        }
        try {
            // As many as there are now: who is woken meanwhile has its turn in the next pass.
            for (int left = woken.size(); left > 0; left--) {
                woken.remove().run();
            }
        } finally {
            passIn(intervalNs);
        }
    }

    Batch batch() {
        return batch;
    }

    /** The batch as a message, good until the next one. */
    Outgoing.Media media() {
        encoder.encode();
        return media;
    }

    void add(Subscription subscription) {
        subscriptions.add(subscription);
    }

    void remove(Subscription subscription) {
        subscriptions.remove(subscription);
    }

    /** Ends subscriptions that have left their queue full for too long. */
    void endStalled(long nowNs) {
        new ArrayList<>(subscriptions).forEach(subscription -> subscription.endIfStalled(nowNs));
    }

    /** Ends all, because the worker stops. */
    void endAll() {
        new ArrayList<>(subscriptions).forEach(Subscription::endForStop);
    }
}
