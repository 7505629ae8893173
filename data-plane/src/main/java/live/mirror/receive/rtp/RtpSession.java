package live.mirror.receive.rtp;

import live.mirror.stream.Decision;
import live.mirror.stream.Ingest;
import live.mirror.stream.IngestSession;
import live.mirror.stream.Offer;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One source's session, from its admission to its end. Whatever may wait (the claim, the end of the
 * session before, the hand-over of the stream) happens on a virtual thread of its own; packets are
 * worked on by the tick thread as it reads them, in a {@link Reception}: to wake a virtual thread
 * each tick cost as much again as the reception itself.
 */
final class RtpSession implements IngestSession, Runnable {

    private static final Logger LOG = System.getLogger(RtpSession.class.getName());
    private static final Duration PREDECESSOR_MAY_NEED = Duration.ofSeconds(2);

    private final SessionContext context;
    private final SessionPlan plan;
    private final Offer offer;
    private final @Nullable RtpSession predecessor;
    private final Thread thread;
    private final CountDownLatch over = new CountDownLatch(1);

    // Set by any thread.
    private final AtomicReference<@Nullable Reason> closing = new AtomicReference<>();

    // Set by this thread when the session is admitted; the reception is the tick thread's from then
    // on, until that one counts the latch down.
    private volatile @Nullable Reception admitted;
    private final CountDownLatch received = new CountDownLatch(1);

    // The tick thread's.
    private final Backlog backlog;
    private final @Nullable RtcpTarget[] rtcpTargets;
    private @Nullable Reception reception;

    // Read by the session's thread once the latch is counted down.
    private @Nullable Reason ended;

    private long wakeAtNs;
    private boolean touched;

    RtpSession(
            SessionContext context,
            SessionPlan plan,
            String source,
            @Nullable RtpSession predecessor) {
        this.context = context;
        this.plan = plan;
        this.offer =
                new Offer(plan.stream(), Protocol.PROTOCOL_RTP, source, plan.expectedKbps(), "");
        this.predecessor = predecessor;
        backlog = new Backlog(context.backlogBytes());
        rtcpTargets = new @Nullable RtcpTarget[plan.legCount()];
        thread = Thread.ofVirtual().name("rtp-" + plan.stream()).unstarted(this);
    }

    SessionPlan plan() {
        return plan;
    }

    /** What the session counts, once it is admitted. Any thread. */
    Optional<RtpFigures> figures() {
        return Optional.ofNullable(admitted).map(Reception::figures);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close(Reason reason) {
        closing.compareAndSet(null, reason);
    }

    /** Waits until the session has ended; only when it was closed or ends by itself. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return over.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    // The tick thread.

    /** Says where a leg's receiver reports go. */
    void rtcpTarget(int leg, RtcpTarget target) {
        rtcpTargets[leg] = target;
    }

    /** Why the session takes nothing more, or null. */
    @Nullable Reason ended() {
        return ended;
    }

    /**
     * Works on a datagram of the session's source, or keeps a copy until the session is admitted.
     *
     * @return whether there was room
     */
    boolean take(byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs) {
        Reception working = reception;
        if (ended != null) {
            return true;
        }
        if (working == null) {
            return backlog.add(bytes, offset, length, channel, leg, arrivalNs);
        }
        touched = true;
        working.datagram(bytes, offset, length, channel, leg, arrivalNs);
        return true;
    }

    /** Does what is due, once in each tick, after all datagrams of the tick. */
    void settle(long nowNs) {
        if (reception == null) {
            adopt();
        }
        Reception working = reception;
        Reason asked = closing.get();
        if (working == null
                || (!touched && wakeAtNs - nowNs > 0 && asked == null)
                || ended != null) {
            return;
        }
        touched = false;
        Reason reason = working.settle(nowNs, asked);
        if (reason == null) {
            wakeAtNs = working.wakeAtNs();
        } else {
            end(reason);
        }
    }

    /** The path of a packet has failed: the session ends, the tick goes on. */
    void broke(RuntimeException cause) {
        LOG.log(Level.ERROR, "the RTP session of " + plan.stream() + " broke", cause);
        end(Reason.REASON_INTERNAL);
    }

    private void adopt() {
        Reception made = admitted;
        if (made != null) {
            touched = true;
            reception = made;
            backlog.drain(made);
        }
    }

    private void end(Reason reason) {
        // Two may find an end in one tick; the first reason counts.
        if (ended == null) {
            ended = reason;
            received.countDown();
        }
    }

    // This session's thread.

    @Override
    public void run() {
        Reason reason = Reason.REASON_INTERNAL;
        try {
            reason = admit();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the RTP session of " + plan.stream() + " broke", e);
        } finally {
            over.countDown();
            context.sessionEnded(this, reason);
        }
    }

    /** Returns why the session ended, or was refused. */
    private Reason admit() throws InterruptedException {
        if (predecessor != null && !predecessor.awaitEnd(PREDECESSOR_MAY_NEED)) {
            return Reason.REASON_ALREADY_PUBLISHING;
        }
        return switch (context.admission().claim(offer)) {
            case Decision.Rejected(Reason reason, String detail) -> {
                LOG.log(
                        Level.DEBUG,
                        "stream {0}: RTP from {1} refused: {2}, {3}",
                        plan.stream(),
                        offer.source(),
                        reason,
                        detail);
                yield reason;
            }
            case Decision.Admitted decision -> {
                Ingest into = context.streams().begin(offer, decision, this);
                LOG.log(
                        Level.INFO,
                        "stream {0}: RTP from {1}, epoch {2}",
                        plan.stream(),
                        offer.source(),
                        decision.epoch());
                yield receive(into);
            }
        };
    }

    /** From here on the tick thread works for the session; it says when and why that ends. */
    private Reason receive(Ingest into) throws InterruptedException {
        Reason reason = Reason.REASON_INTERNAL;
        try {
            Reception made =
                    new Reception(
                            context, plan, into, offer.source(), rtcpTargets, System.nanoTime());
            context.observer().began(made.figures());
            admitted = made;
            try {
                received.await();
            } finally {
                context.observer().ended(made.figures());
            }
            reason = Objects.requireNonNull(ended, "the reason is set first");
            LOG.log(
                    Level.INFO,
                    "stream {0}: RTP from {1} ended: {2}, {3}",
                    plan.stream(),
                    offer.source(),
                    reason,
                    made.figures());
        } finally {
            into.finish(reason);
        }
        return reason;
    }
}
