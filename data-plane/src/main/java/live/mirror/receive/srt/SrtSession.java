package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.ring.RecordFlags;
import live.mirror.ring.RingWriter;
import live.mirror.stream.Decision;
import live.mirror.stream.Definition;
import live.mirror.stream.Ingest;
import live.mirror.stream.IngestSession;
import live.mirror.stream.Offer;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamMetadata;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * One publisher, from accept to close. Lives on a virtual thread of its own: it claims the stream
 * while libsrt keeps what arrives, and reads the first media. From then on the tick's thread reads,
 * which saves a hand-over each time, and publishes once per drain; the end is the session's own
 * again. So the connection and the ring have one thread at any time: {@link #tickReads} and {@link
 * #handedBack} pass them on.
 */
final class SrtSession implements IngestSession {

    /** Largest payload of an SRT data packet: 1,500 - 28 (IP, UDP) - 16 (SRT). */
    private static final int MAX_PAYLOAD_BYTES = 1_456;

    /**
     * So many messages are published at once at most, that readers need not wait for the end of a
     * long drain.
     */
    private static final int MAX_BATCH = 256;

    /** How much longer than its latency the rest of a lost publisher's media may take. */
    private static final long PLAY_OUT_SLACK_MS = 100;

    private static final long PLAY_OUT_PAUSE_NS = 5_000_000;
    private static final System.Logger LOG = System.getLogger(SrtSession.class.getName());

    private final SrtConnection connection;
    private final Verdict.Pass pass;
    private final SessionContext context;
    private final InetSocketAddress peer;
    private final String source;

    // Written by any thread, read by the session's.
    private volatile boolean woken;
    private volatile @Nullable Reason closeReason;
    private volatile @Nullable Thread thread;

    // Written by the session's thread, read by the tick's.
    private volatile @Nullable Ingest ingest;
    private volatile boolean tickReads;

    // Written by the tick's thread, read by the session's.
    private volatile boolean handedBack;

    private final boolean pulled;
    private final Vigil vigil;
    private final FiguresReporter reporter;

    /** None for media that are handed on at once. */
    private final Optional<Hold> hold;

    // Whoever's it is to read.
    private int nextSequence = -1;
    private long dueUs;

    /** The session of a caller that passed the gate. */
    static SrtSession admitted(
            SrtConnection connection, PendingHandshakes.Pending caller, SessionContext context) {
        return new SrtSession(connection, caller.caller(), caller.pass(), context, false);
    }

    /** The session of a source that we called ourselves. */
    static SrtSession pulled(
            SrtConnection connection,
            InetSocketAddress source,
            Verdict.Pass pass,
            SessionContext context) {
        return new SrtSession(connection, source, pass, context, true);
    }

    private SrtSession(
            SrtConnection connection,
            InetSocketAddress peer,
            Verdict.Pass pass,
            SessionContext context,
            boolean pulled) {
        this.pulled = pulled;
        this.hold = pass.terms().immediate() ? Optional.empty() : Optional.of(new Hold());
        this.connection = connection;
        this.pass = pass;
        this.context = context;
        this.peer = peer;
        this.source = peer.getAddress().getHostAddress() + ":" + peer.getPort();
        this.vigil = new Vigil(peer, System.nanoTime());
        this.reporter =
                new FiguresReporter(
                        pass.request().id().value(), context.settings().media().payloadBytes());
    }

    @Override
    public void close(Reason reason) {
        if (closeReason == null) {
            // Two closers may race; either reason is true.
            closeReason = reason;
        }
        wake();
        context.transport().look(connection);
    }

    /** Says that there may be something to do. Any thread; never blocks. */
    private void wake() {
        woken = true;
        LockSupport.unpark(thread);
    }

    /** The session's whole life; the caller closes the connection. */
    Outcome run() throws InterruptedException {
        thread = Thread.currentThread();
        StreamId id = pass.request().id();
        int maxLatencyMs = pass.terms().maxLatencyMs();
        if (connection.latencyMs() > maxLatencyMs) {
            // The gate can't see what a caller asks for, but it remembers for the next time.
            context.gate().rememberUnacceptable(id, peer);
            return reject(
                    Reason.REASON_UNACCEPTABLE,
                    "latency of " + connection.latencyMs() + " ms, at most " + maxLatencyMs);
        }
        // The gate lets a newcomer pass when the publisher before it is gone, silent or to be
        // evicted.
        if (pass.evicts()) {
            context.gate().evicted(id, System.nanoTime());
            context.streams().evict(id);
        } else {
            context.streams().clear(id, System.nanoTime());
        }
        long expectedKbps = pass.definition().map(Definition::expectedKbps).orElse(0L);
        Offer offer =
                new Offer(
                        id,
                        Protocol.PROTOCOL_SRT,
                        source,
                        expectedKbps,
                        pass.request().credential(),
                        pulled);
        return switch (context.admission().claim(offer)) {
            case Decision.Rejected(Reason reason, String detail) -> reject(reason, detail);
            case Decision.Admitted admitted -> ingest(offer, admitted);
        };
    }

    /** libsrt has no refusal after the handshake, so the publisher only sees its connection end. */
    private Outcome reject(Reason reason, String detail) {
        if (!pulled) {
            context.gate()
                    .note(
                            peer,
                            new Verdict.Refuse(pass.request().id().value(), reason, detail),
                            System.nanoTime());
        }
        context.log()
                .info(
                        LOG,
                        "{0} from {1} is rejected: {2}, {3}",
                        pass.request().id(),
                        source,
                        reason,
                        detail);
        return new Outcome(reason, detail, false);
    }

    private Outcome ingest(Offer offer, Decision.Admitted admitted) throws InterruptedException {
        Ingest begun = context.streams().begin(offer, admitted, this);
        ingest = begun;
        Reason reason = Reason.REASON_INTERNAL;
        try {
            begun.describe(
                    StreamMetadata.newBuilder()
                            .setSource(source)
                            .setPublisher("SRT " + connection.peerVersion())
                            .setLatencyMs(connection.latencyMs())
                            .setEncrypted(connection.encrypted())
                            .build());
            context.log()
                    .info(
                            LOG,
                            "{0} epoch {1,number,#} is published by {2}",
                            offer.id(),
                            admitted.epoch(),
                            source);
            context.transport().watch(connection, this::ready);
            reason = receive(begun);
        } finally {
            begun.finish(reason);
            context.log()
                    .info(
                            LOG,
                            "{0} epoch {1,number,#} of {2} is over: {3}",
                            offer.id(),
                            admitted.epoch(),
                            source,
                            reason);
        }
        return new Outcome(reason, "it is over: " + reason.name(), begun.counters().packets() > 0);
    }

    /** Has the media read until the connection is over or somebody closes the session. */
    private Reason receive(Ingest ingest) {
        if (readFirst(ingest)) {
            tickReads = true;
            // For what came since the last look.
            context.transport().look(connection);
            while (!handedBack) {
                LockSupport.park(this);
            }
        }
        Reason asked = closeReason;
        if (asked == null || asked == Reason.REASON_PUBLISHER_LOST) {
            playOut(ingest);
            return Reason.REASON_PUBLISHER_LOST;
        }
        return asked;
    }

    /**
     * Reads the first media, since what follows from it, a stream that gets active, may take longer
     * than a tick has; answers whether the session goes on.
     */
    private boolean readFirst(Ingest ingest) {
        while (ingest.counters().packets() == 0) {
            while (!woken) {
                LockSupport.park(this);
            }
            woken = false;
            if (closeReason != null || drain(ingest, 0) == Drained.OVER) {
                return false;
            }
        }
        return true;
    }

    /**
     * Reads what is there, or has the session do so; answers whether something was left. The tick's
     * thread.
     */
    private boolean ready() {
        Ingest current = ingest;
        if (current == null || !tickReads) {
            wake();
            return false;
        }
        if (handedBack) {
            return false;
        }
        Drained drained = closeReason == null ? drained(current) : Drained.OVER;
        if (drained == Drained.OVER) {
            handedBack = true;
            wake();
        }
        return drained == Drained.NEWEST_LEFT;
    }

    private Drained drained(Ingest current) {
        try {
            return drain(current, hold.map(Hold::us).orElse(0L));
        } catch (RuntimeException e) {
            // It must not end the tick, on which all others live.
            LOG.log(System.Logger.Level.ERROR, "a session ended by a fault", e);
            closeReason = Reason.REASON_INTERNAL;
            return Drained.OVER;
        }
    }

    /**
     * What a publisher has sent before it went is read to the end, each packet when its time comes.
     */
    private void playOut(Ingest ingest) {
        long deadlineNs =
                System.nanoTime() + (connection.latencyMs() + PLAY_OUT_SLACK_MS) * 1_000_000L;
        do {
            drain(ingest, 0);
            if (connection.bufferedPackets() == 0) {
                return;
            }
            LockSupport.parkNanos(this, PLAY_OUT_PAUSE_NS);
        } while (System.nanoTime() - deadlineNs < 0);
    }

    /** How a drain ended. */
    private enum Drained {
        /** Nothing is left. */
        EMPTY,
        /** What has been due for less than the hold may be left. */
        NEWEST_LEFT,
        /** The connection is over. */
        OVER
    }

    /**
     * Reads until the last packet read has been due for less than the hold, publishes, and answers
     * how it ended.
     */
    private Drained drain(Ingest ingest, long holdUs) {
        long startUs = System.nanoTime() / 1_000;
        long arrivalUs = unixUs(context.clock().instant());
        RingWriter ring = ingest.ring();
        long bytes = 0;
        int packets = 0;
        int length = 0;
        while (!isNew(dueUs, startUs, holdUs) && connection.readable()) {
            length = connection.read(ring.claim(MAX_PAYLOAD_BYTES), MAX_PAYLOAD_BYTES);
            if (length <= 0) {
                break;
            }
            noteGap(ring);
            ring.commit(length, ingest.epoch(), arrivalUs, 0);
            dueUs = connection.dueUs();
            bytes += length;
            packets++;
            if (packets % MAX_BATCH == 0) {
                ring.publish();
            }
        }
        if (packets > 0) {
            ring.publish();
            ingest.received(bytes, packets);
        }
        if (length < 0) {
            return Drained.OVER;
        }
        return isNew(dueUs, startUs, holdUs) ? Drained.NEWEST_LEFT : Drained.EMPTY;
    }

    /** What is not due at all comes from a broken connection, and all of it comes now. */
    private static boolean isNew(long dueUs, long nowUs, long holdUs) {
        return Math.abs(nowUs - dueUs) < holdUs;
    }

    /**
     * In live mode each message is one packet, so a step in the sequence numbers is what libsrt has
     * given up.
     */
    private void noteGap(RingWriter ring) {
        int sequence = connection.sequence();
        if (nextSequence >= 0 && sequence != nextSequence) {
            ring.gap(RecordFlags.AFTER_LOSS, SequenceNumbers.distance(nextSequence, sequence));
        }
        nextSequence = SequenceNumbers.next(sequence);
    }

    private static long unixUs(Instant now) {
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /** Looks after the session from the tick's thread, many times a second. */
    void pulse(long nowNs) {
        Ingest current = ingest;
        if (current == null) {
            return;
        }
        Optional<SrtFigures> latest = connection.figures();
        if (latest.isEmpty()) {
            // Over; the session should know, and finds out if it does not.
            context.transport().look(connection);
            return;
        }
        SrtFigures figures = latest.get();
        reporter.take(figures, nowNs, current.counters());
        hold.ifPresent(own -> own.follow(figures.uniquePackets(), nowNs));
        if (!vigil.look(figures.packets(), nowNs)) {
            close(Reason.REASON_PUBLISHER_LOST);
        }
    }

    @Override
    public boolean yields(long nowNs) {
        return vigil.yields(nowNs);
    }

    /** Stops looking after it. */
    void endVigil() {
        vigil.close();
    }
}
