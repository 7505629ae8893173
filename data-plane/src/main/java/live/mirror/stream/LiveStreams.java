package live.mirror.stream;

import live.mirror.contract.StreamId;
import live.mirror.ring.PayloadInspector;
import live.mirror.ring.Ring;
import live.mirror.v1.Reason;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The streams that this worker holds. Any thread may look one up; sessions begin on their own
 * threads.
 */
public final class LiveStreams {

    /** How long a session whose place was taken may need to put its pen down. */
    static final Duration HAND_OVER = Duration.ofSeconds(2);

    private final RingSizing sizing;
    private final InstantSource clock;
    private final ConcurrentHashMap<StreamId, LiveStream> streams = new ConcurrentHashMap<>();
    private final List<StreamListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong ringBytes = new AtomicLong();

    private volatile Function<LiveStream, PayloadInspector> inspectors = _ -> PayloadInspector.NONE;

    /** An empty table. */
    public LiveStreams(RingSizing sizing, InstantSource clock) {
        this.sizing = sizing;
        this.clock = clock;
    }

    /** Makes the one who looks into a stream's media, for every stream that begins from now on. */
    public void inspectWith(Function<LiveStream, PayloadInspector> factory) {
        inspectors = factory;
    }

    /** Hears of every state change of every stream that begins from now on. */
    public void addListener(StreamListener listener) {
        listeners.add(listener);
    }

    /** The stream of this id, if this worker holds it. */
    public Optional<LiveStream> find(StreamId id) {
        return Optional.ofNullable(streams.get(id));
    }

    /** All of them, in no order. */
    public Collection<LiveStream> all() {
        return streams.values();
    }

    /** Memory of all rings, those included that outlive their stream for a slow reader. */
    public long ringBytes() {
        return ringBytes.get();
    }

    /**
     * Whether a publisher of so many kilobits per second finds a ring: its stream has one, or one
     * more stays within {@code ring.max-total}. Never blocks. Claims decided at one moment may go
     * beyond the bound by a ring each.
     */
    public boolean hasRingFor(StreamId id, long kbps) {
        return ringBytes.get() + sizing.capacityBytes(kbps) <= sizing.maxTotalBytes()
                || streams.containsKey(id);
    }

    /** How many there are. */
    public int count() {
        return streams.size();
    }

    /**
     * Gives an admitted session its stream: a new one, or the one that waits for its publisher,
     * with the same ring and the same subscriptions. A live session with a lower epoch is closed
     * first (takeover). Blocks the calling session's thread until that session writes no more,
     * {@link #HAND_OVER} at most.
     *
     * @throws IllegalStateException when the stream already has this epoch or a higher one, or the
     *     old session hangs
     */
    public Ingest begin(Offer offer, Decision.Admitted admitted, IngestSession session)
            throws InterruptedException {
        while (true) {
            LiveStream stream =
                    streams.computeIfAbsent(offer.id(), id -> create(id, offer, admitted));
            Ingest old = stream.ingest();
            if (old != null) {
                old.close(Reason.REASON_TAKEN_OVER);
                if (!old.awaitFinished(HAND_OVER)) {
                    throw new IllegalStateException(
                            "the session before epoch "
                                    + admitted.epoch()
                                    + " of "
                                    + offer.id()
                                    + " did not end within "
                                    + HAND_OVER.toMillis()
                                    + " ms");
                }
            }
            synchronized (stream) {
                if (stream.ingest() == null && streams.get(offer.id()) == stream) {
                    return stream.begin(offer, admitted, session);
                }
            }
        }
    }

    /**
     * Ends the session of a publisher that is gone or silent, so that another one can claim its
     * place; the stream waits meanwhile. Blocks until that session writes no more, {@link
     * #HAND_OVER} at most.
     */
    public void clear(StreamId id, long nowNs) throws InterruptedException {
        LiveStream stream = streams.get(id);
        Ingest old = stream == null ? null : stream.ingest();
        if (old != null && old.yields(nowNs)) {
            old.close(Reason.REASON_PUBLISHER_LOST);
            old.awaitFinished(HAND_OVER);
        }
    }

    /**
     * Ends the session of a live publisher, whose place another one may have; the stream waits
     * meanwhile. Blocks as {@link #clear} does.
     */
    public void evict(StreamId id) throws InterruptedException {
        LiveStream stream = streams.get(id);
        Ingest old = stream == null ? null : stream.ingest();
        if (old != null) {
            old.close(Reason.REASON_PUBLISHER_LOST);
            old.awaitFinished(HAND_OVER);
        }
    }

    /** Ends a stream if it still has this epoch. Harmless otherwise. */
    public void end(StreamId id, long epoch, Reason reason) {
        end(id, epoch, reason, "");
    }

    /**
     * The same for a stream that goes on elsewhere.
     *
     * @param movedTo host:port of the delivery service that has it now; empty when none has
     */
    public void end(StreamId id, long epoch, Reason reason, String movedTo) {
        find(id).filter(stream -> stream.state().epoch() == epoch)
                .ifPresent(stream -> stream.end(reason, movedTo));
    }

    /**
     * Closes reconnect windows that are over. Called several times a second by the worker's clock.
     */
    public void timePassed(long nowNs) {
        streams.values().forEach(stream -> stream.timePassed(nowNs));
    }

    private LiveStream create(StreamId id, Offer offer, Decision.Admitted admitted) {
        long bytes = sizing.capacityBytes(admitted.reservedKbps());
        Ring ring = new Ring(bytes, () -> ringBytes.addAndGet(-bytes));
        ringBytes.addAndGet(bytes);
        LiveStream stream =
                new LiveStream(
                        id, offer, admitted, ring, clock, listeners, () -> streams.remove(id));
        ring.writer().inspectWith(inspectors.apply(stream));
        return stream;
    }
}
