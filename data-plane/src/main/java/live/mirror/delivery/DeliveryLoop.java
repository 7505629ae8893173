package live.mirror.delivery;

import io.netty.channel.EventLoop;

import live.mirror.ring.Batch;
import live.mirror.ring.Ring;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;

/**
 * What the subscriptions of one event loop share: the buffer that media passes through, and the
 * look-out for those that have stopped reading. Everything here is the event loop's own.
 */
final class DeliveryLoop {

    private final EventLoop eventLoop;
    private final Set<Subscription> subscriptions = new HashSet<>();
    private final Batch batch = new Batch(Ring.MAX_PAYLOAD_BYTES);
    private final ChunkEncoder encoder = new ChunkEncoder(batch);
    private final Outgoing.Media media = new Outgoing.Media(encoder);

    DeliveryLoop(EventLoop eventLoop) {
        this.eventLoop = eventLoop;
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
