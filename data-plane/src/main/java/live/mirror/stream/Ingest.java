package live.mirror.stream;

import live.mirror.ring.RingWriter;
import live.mirror.rtp.PayloadTypes;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamMetadata;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * An admitted session's right to write into its stream. Used by the session's one thread; the right
 * ends with {@link #finish}, which that thread calls exactly once, after its last write.
 */
public final class Ingest {

    private final LiveStream stream;
    private final long epoch;
    private final IngestSession session;
    private final IngestCounters counters = new IngestCounters();
    private final CountDownLatch finished = new CountDownLatch(1);
    private boolean mediaArrived;

    Ingest(LiveStream stream, long epoch, IngestSession session) {
        this.stream = stream;
        this.epoch = epoch;
        this.session = session;
    }

    /** Where the media goes. */
    public RingWriter ring() {
        return stream.ring().writer();
    }

    /** The session's epoch, which goes into every record. */
    public long epoch() {
        return epoch;
    }

    /** The stream that this session feeds. */
    public LiveStream stream() {
        return stream;
    }

    /** What the session has received. */
    public IngestCounters counters() {
        return counters;
    }

    /** Counts what was published into the ring; the first media makes the stream ACTIVE. */
    public void received(long bytes, long packets) {
        counters.add(bytes, packets);
        if (!mediaArrived && packets > 0) {
            mediaArrived = true;
            stream.mediaArrived(this);
        }
    }

    /** Tells what is known of the publisher. */
    public void describe(StreamMetadata metadata) {
        stream.describe(this, metadata);
    }

    /** Tells what the payload types of the packets mean; before the first of them is written. */
    public void payloadTypes(PayloadTypes types) {
        stream.payloadTypes(types);
    }

    /**
     * The session is over and writes nothing more. PUBLISHER_LOST opens the reconnect window; every
     * other reason stops the stream. Nothing happens to a stream that has a newer session.
     */
    public void finish(Reason reason) {
        // First the state, then the latch: who waits for the ring finds the stream as this session
        // left it.
        stream.sessionFinished(this, reason);
        finished.countDown();
    }

    boolean yields(long nowNs) {
        return session.yields(nowNs);
    }

    void close(Reason reason) {
        session.close(reason);
    }

    boolean awaitFinished(Duration atMost) throws InterruptedException {
        return finished.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }
}
