package live.mirror.stream;

import com.google.protobuf.util.Timestamps;

import live.mirror.contract.StreamId;
import live.mirror.ring.Ring;
import live.mirror.rtp.PayloadTypes;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamStats;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * One live stream at this worker: its ring, its state, its current session and its figures. The
 * stream's lock orders state changes; everything published for other threads is volatile.
 */
public final class LiveStream {

    /** The bitrate that is shown spans this many seconds. */
    static final int BITRATE_WINDOW_SECONDS = 5;

    private final StreamId id;
    private final Ring ring;
    private final long reservedKbps;
    private final InstantSource clock;
    private final Runnable onStopped;
    private final List<StreamListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicInteger subscriptions = new AtomicInteger();

    // Changed under the lock, read by any thread.
    private volatile StreamState state;
    private volatile Protocol protocol;
    private volatile StreamMetadata metadata = StreamMetadata.getDefaultInstance();
    private volatile StreamMetadata detected = StreamMetadata.getDefaultInstance();
    private volatile @Nullable PayloadTypes payloadTypes;
    private volatile @Nullable Ingest ingest;
    private volatile StreamStats stats = StreamStats.getDefaultInstance();
    private volatile long lastMediaNs = System.nanoTime();
    private volatile String movedTo = "";

    // Guarded by the lock.
    private final BitrateWindow bitrate = new BitrateWindow(BITRATE_WINDOW_SECONDS + 1);
    private Duration reconnectWindow;
    private StreamStats earlierSessions = StreamStats.getDefaultInstance();

    LiveStream(
            StreamId id,
            Offer offer,
            Decision.Admitted admitted,
            Ring ring,
            InstantSource clock,
            List<StreamListener> listeners,
            Runnable onStopped) {
        this.id = id;
        this.ring = ring;
        this.reservedKbps = admitted.reservedKbps();
        this.clock = clock;
        this.onStopped = onStopped;
        this.listeners.addAll(listeners);
        this.protocol = offer.protocol();
        this.reconnectWindow = admitted.reconnectWindow();
        this.state = new StreamState.Connecting(admitted.epoch());
    }

    /** Its id. */
    public StreamId id() {
        return id;
    }

    /** Its media. */
    public Ring ring() {
        return ring;
    }

    /** Where it stands. */
    public StreamState state() {
        return state;
    }

    /** By which protocol its current or last publisher sends. */
    public Protocol protocol() {
        return protocol;
    }

    /** What is known of its media and publisher. */
    public StreamMetadata metadata() {
        return metadata.toBuilder().mergeFrom(detected).build();
    }

    /** What was seen in the media themselves; goes with what the session tells. Writer's thread. */
    public void detected(StreamMetadata fromMedia) {
        detected = fromMedia;
    }

    /** What the payload types of its RTP packets mean; empty when it does not come by RTP. */
    public Optional<PayloadTypes> payloadTypes() {
        return Optional.ofNullable(payloadTypes);
    }

    void payloadTypes(PayloadTypes types) {
        payloadTypes = types;
    }

    /** The figures of the last {@link #sample}. */
    public StreamStats stats() {
        return stats;
    }

    /** The bitrate reserved for it, in kilobits per second. */
    public long reservedKbps() {
        return reservedKbps;
    }

    /** What is left of the reconnect window; zero unless RECONNECTING. */
    public Duration windowLeft(long nowNs) {
        return state instanceof StreamState.Reconnecting(_, long deadlineNs)
                ? Duration.ofNanos(Math.max(0, deadlineNs - nowNs))
                : Duration.ZERO;
    }

    /**
     * How long the publisher has brought no media, to the second; zero while it brings some, and
     * while there is none.
     */
    public Duration silence(long nowNs) {
        return ingest == null ? Duration.ZERO : Duration.ofNanos(Math.max(0, nowNs - lastMediaNs));
    }

    /** Whether a publisher holds the stream now. */
    public boolean hasPublisher() {
        return ingest != null;
    }

    /**
     * Whether a new publisher would find the place free: nobody holds it, or somebody who is gone
     * or silent. Never blocks.
     */
    public boolean isFree(long nowNs) {
        Ingest current = ingest;
        return current == null || current.yields(nowNs);
    }

    /** Where a stream that is over goes on: host:port of a delivery service, or empty. */
    public String movedTo() {
        return movedTo;
    }

    /** Counts a subscription in; the matching call is {@link #subscriptionClosed}. */
    public void subscriptionOpened() {
        subscriptions.incrementAndGet();
    }

    /** Counts a subscription out. */
    public void subscriptionClosed() {
        subscriptions.decrementAndGet();
    }

    /** Hears of all later state changes. */
    public void addListener(StreamListener listener) {
        listeners.add(listener);
    }

    /** Hears nothing more. */
    public void removeListener(StreamListener listener) {
        listeners.remove(listener);
    }

    /**
     * Ends the stream: STOPPED with this reason, and its session is asked to close. Any thread;
     * harmless when over.
     */
    public void end(Reason reason) {
        end(reason, "");
    }

    /** The same, saying where subscribers find the stream now; empty for nowhere. */
    synchronized void end(Reason reason, String nowAt) {
        if (!(state instanceof StreamState.Stopped)) {
            movedTo = nowAt;
        }
        change(new StreamState.Event.StreamEnded(reason), reason);
        if (ingest != null) {
            ingest.close(reason);
        }
        closeRingWhenOver();
    }

    /** Lets time pass: a reconnect window that is over stops the stream. */
    synchronized void timePassed(long nowNs) {
        change(new StreamState.Event.TimePassed(nowNs), Reason.REASON_WINDOW_OVER);
        closeRingWhenOver();
    }

    /** Takes the figures of this second. One caller, about once a second. */
    public synchronized StreamStats sample(long nowNs) {
        StreamStats totals = totals();
        bitrate.sample(nowNs, totals.getBytes());
        if (totals.getBytes() != stats.getBytes() || ingest == null) {
            lastMediaNs = nowNs;
        }
        stats =
                totals.toBuilder()
                        .setBitrateBps(bitrate.bitrateBps())
                        .setSubscriptions(subscriptions.get())
                        .setUpdatedAt(now())
                        .build();
        return stats;
    }

    /**
     * Gives the ring to a new session. The stream's state has made sure that no older session
     * writes any more.
     */
    synchronized Ingest begin(Offer offer, Decision.Admitted admitted, IngestSession session) {
        if (state.epoch() != admitted.epoch()) {
            change(
                    new StreamState.Event.PublisherAdmitted(admitted.epoch()),
                    Reason.REASON_UNSPECIFIED);
        } else {
            listeners.forEach(listener ->
                    listener.stateChanged(this, state, state, Reason.REASON_UNSPECIFIED));
        }
        protocol = offer.protocol();
        reconnectWindow = admitted.reconnectWindow();
        metadata = StreamMetadata.newBuilder().setSource(offer.source()).build();
        Ingest begun = new Ingest(this, admitted.epoch(), session);
        ingest = begun;
        return begun;
    }

    @Nullable Ingest ingest() {
        return ingest;
    }

    synchronized void mediaArrived(Ingest by) {
        if (ingest == by) {
            change(new StreamState.Event.MediaArrived(), Reason.REASON_UNSPECIFIED);
        }
    }

    synchronized void describe(Ingest by, StreamMetadata description) {
        if (ingest == by) {
            metadata = description;
        }
    }

    synchronized void sessionFinished(Ingest by, Reason reason) {
        if (ingest != by) {
            return;
        }
        earlierSessions = totals();
        ingest = null;
        // The last figures go with the event, so that nothing received after the last sample is
        // missing in them. Legs are a list, to which a merge would add.
        stats = stats.toBuilder().clearRtp().mergeFrom(earlierSessions).build();
        change(
                switch (reason) {
                    case REASON_PUBLISHER_LOST ->
                            new StreamState.Event.PublisherLost(System.nanoTime(), reconnectWindow);
                    // The successor stands at the door: the stream waits for it, whatever the
                    // window.
                    case REASON_TAKEN_OVER ->
                            new StreamState.Event.PublisherLost(
                                    System.nanoTime(), LiveStreams.HAND_OVER.plus(reconnectWindow));
                    default -> new StreamState.Event.StreamEnded(reason);
                },
                reason);
        closeRingWhenOver();
    }

    /**
     * Subscribers find the end in the ring, behind the last of the media; only then it is freed.
     */
    private void closeRingWhenOver() {
        if (ingest == null && state instanceof StreamState.Stopped) {
            ring.close();
        }
    }

    private void change(StreamState.Event event, Reason reason) {
        StreamState before = state;
        StreamState after = StreamState.next(before, event);
        if (after.equals(before)) {
            return;
        }
        state = after;
        if (after instanceof StreamState.Stopped) {
            onStopped.run();
        }
        listeners.forEach(listener -> listener.stateChanged(this, before, after, reason));
    }

    private StreamStats totals() {
        Ingest current = ingest;
        if (current == null) {
            return earlierSessions;
        }
        IngestCounters counters = current.counters();
        IngestCounters.TransportFigures transport = counters.transport();
        StreamStats.Builder totals =
                StreamStats.newBuilder()
                        .setBytes(earlierSessions.getBytes() + counters.bytes())
                        .setPackets(earlierSessions.getPackets() + counters.packets())
                        .setRttMs(transport.rttMs())
                        .setLostPackets(earlierSessions.getLostPackets() + transport.lostPackets())
                        .setDroppedPackets(
                                earlierSessions.getDroppedPackets() + transport.droppedPackets())
                        .setRetransmittedPackets(
                                earlierSessions.getRetransmittedPackets()
                                        + transport.retransmittedPackets())
                        .setUndecryptedPackets(
                                earlierSessions.getUndecryptedPackets()
                                        + transport.undecryptedPackets());
        counters.srt().ifPresent(totals::setSrt);
        counters.rtp().ifPresent(totals::setRtp);
        return totals.build();
    }

    private com.google.protobuf.Timestamp now() {
        Instant instant = clock.instant();
        return Timestamps.fromMillis(instant.toEpochMilli());
    }
}
