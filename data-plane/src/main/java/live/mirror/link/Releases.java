package live.mirror.link;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.StreamId;
import live.mirror.stream.LiveStream;
import live.mirror.v1.Reason;
import live.mirror.v1.ReleaseRequest;

import java.time.Duration;
import java.util.Iterator;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What ended here and the control plane has to hear of: the last of each stream, sent by a virtual
 * thread of its own, kept while there is no link. Any thread may add.
 */
final class Releases {

    private static final int MAX_PENDING = 100_000;
    private static final Duration FAREWELL = Duration.ofMillis(500);
    private static final long IDLE_MS = 100;

    private final Membership membership;
    private final ConcurrentHashMap<StreamId, ReleaseRequest> pending = new ConcurrentHashMap<>();
    private final AtomicLong dropped = new AtomicLong();
    private final Thread sender = Thread.ofVirtual().name("link-releases").unstarted(this::send);
    private volatile boolean closed;

    Releases(Membership membership) {
        this.membership = membership;
    }

    void start() {
        sender.start();
    }

    /** Notes that a session has ended. Never blocks. */
    void add(LiveStream stream, long epoch, Reason reason) {
        if (pending.size() >= MAX_PENDING) {
            dropped.incrementAndGet();
            return;
        }
        pending.put(
                stream.id(),
                ReleaseRequest.newBuilder()
                        .setRequestId(UUID.randomUUID().toString())
                        .setStreamId(stream.id().value())
                        .setEpoch(epoch)
                        .setReason(reason)
                        .setStats(stream.stats())
                        .build());
        synchronized (pending) {
            pending.notifyAll();
        }
    }

    /**
     * Sends what a stream's last session has left untold, so that it does not arrive behind the
     * claim of the next one.
     */
    void sendFirst(LinkSession session, StreamId id) {
        ReleaseRequest untold = pending.remove(id);
        if (untold != null) {
            session.release(untold);
        }
    }

    /** Releases that were dropped because too many waited; the next registration tells the same. */
    long dropped() {
        return dropped.get();
    }

    /** Waits a moment for what has to be told, then ends. */
    void close() throws InterruptedException {
        long deadlineNs = System.nanoTime() + FAREWELL.toNanos();
        synchronized (pending) {
            while (membership.session() != null
                    && !pending.isEmpty()
                    && System.nanoTime() - deadlineNs < 0) {
                pending.wait(10);
            }
        }
        closed = true;
        sender.interrupt();
    }

    private void send() {
        try {
            while (!closed) {
                sendAll(membership.session());
                synchronized (pending) {
                    if (pending.isEmpty() || membership.session() == null) {
                        pending.wait(IDLE_MS);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void sendAll(@org.jspecify.annotations.Nullable LinkSession session) {
        if (session == null) {
            return;
        }
        for (Iterator<ReleaseRequest> each = pending.values().iterator(); each.hasNext(); ) {
            ReleaseRequest release = each.next();
            try {
                session.release(release);
                pending.remove(new StreamId(release.getStreamId()), release);
            } catch (StatusRuntimeException e) {
                // Told again after the next registration; the link's own thread says what is wrong
                // with it.
                session.breakOff("a release failed: " + e.getStatus().getCode());
                return;
            }
        }
    }
}
