package live.mirror.delivery;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.ring.Batch;
import live.mirror.ring.RecordFlags;
import live.mirror.ring.Ring;
import live.mirror.ring.RingReader;
import live.mirror.stream.LiveStream;
import live.mirror.stream.StreamListener;
import live.mirror.stream.StreamState;
import live.mirror.v1.AfterLapped;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.Ended;
import live.mirror.v1.PayloadForm;
import live.mirror.v1.Reason;
import live.mirror.v1.StartResume;
import live.mirror.v1.Started;
import live.mirror.v1.StateChanged;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.jspecify.annotations.Nullable;

import java.util.Optional;

/**
 * One packager's subscription, from the first message to the last. Runs on its connection's event
 * loop; only {@link #stateChanged} and the ring's wake come from elsewhere, and both do no more
 * than hand {@link #pump} to the loop: at once, and with its {@link Turn}. It holds a place in the
 * ring and nothing else: as long as the call is not ready, nothing is read.
 */
final class Subscription extends ServerCall.Listener<SubscribeRequest> implements StreamListener {

    private static final int MIN_CHUNK_BYTES = 1_500;
    private static final int MAX_CHUNK_BYTES = Ring.MAX_PAYLOAD_BYTES;

    private final ServerCall<SubscribeRequest, Outgoing> call;
    private final DeliveryLoop loop;
    private final LiveStream stream;
    private final SubscribeRequest request;
    private final DeliveryCounters counters;
    private final Runnable onClosed;
    private final String worker;
    private final long stallLimitNs;
    private final int maxChunkBytes;
    private final RingReader reader;
    private final @Nullable AccessUnits units;
    private final PendingStates states = new PendingStates();
    private final Runnable pump = this::pump;
    private final Turn turn;

    // The event loop's own.
    private @Nullable DiscontinuityCause pendingCause;
    private boolean lossesUnknown;
    private boolean resuming;
    private boolean seeking;
    private boolean closed;
    private long stalledSinceNs;
    private boolean stalled;

    Subscription(
            ServerCall<SubscribeRequest, Outgoing> call,
            DeliveryLoop loop,
            LiveStream stream,
            SubscribeRequest request,
            DeliveryService.Terms terms,
            Runnable onClosed) {
        this.call = call;
        this.loop = loop;
        this.stream = stream;
        this.request = request;
        this.counters = terms.counters();
        this.worker = terms.worker();
        this.stallLimitNs = terms.stallLimit().toNanos();
        this.onClosed = onClosed;
        this.maxChunkBytes =
                request.getMaxChunkBytes() == 0 ? MAX_CHUNK_BYTES : request.getMaxChunkBytes();
        this.turn = new Turn(loop, pump);
        this.reader = stream.ring().reader(() -> loop.wake(turn));
        this.units =
                request.getPayloadForm() == PayloadForm.PAYLOAD_FORM_ACCESS_UNITS
                        ? new AccessUnits(stream, this::sendUnits)
                        : null;
    }

    /** Sends Started and what is there. */
    void start() {
        loop.add(this);
        stream.addListener(this);
        stream.subscriptionOpened();
        boolean atRandomAccess = begin();
        StreamState state = stream.state();
        states.told(state);
        call.sendHeaders(new Metadata());
        send(
                SubscribeResponse.newBuilder()
                        .setStarted(
                                Started.newBuilder()
                                        .setEpoch(state.epoch())
                                        .setPosition(reader.position())
                                        .setStatus(state.status())
                                        .setProtocol(stream.protocol())
                                        .setAtRandomAccess(atRandomAccess)
                                        .setWorker(worker)));
        pump();
    }

    @Override
    public void onReady() {
        stalled = false;
        pump();
    }

    @Override
    public void onCancel() {
        close();
    }

    @Override
    public void onComplete() {
        close();
    }

    @Override
    public void stateChanged(LiveStream of, StreamState from, StreamState to, Reason reason) {
        if (!(to instanceof StreamState.Stopped)) {
            // The end is found in the ring, behind the last of the media.
            states.add(to, reason, of.windowLeft(System.nanoTime()));
        }
        loop.execute(pump);
    }

    void endIfStalled(long nowNs) {
        if (stalled && nowNs - stalledSinceNs > stallLimitNs) {
            counters.tooSlow.increment();
            end(Reason.REASON_TOO_SLOW);
        }
    }

    void endForStop() {
        end(Reason.REASON_DRAINING);
    }

    /** Moves what can be moved: the one loop of a subscription. */
    private void pump() {
        while (!closed) {
            if (!call.isReady()) {
                noteStalled();
                return;
            }
            // Counted before the read: a state that was there before nothing was found comes after
            // all media of its time.
            int knownStates = states.size();
            if (seeking) {
                seek();
            }
            switch (reader.read(loop.batch(), maxChunkBytes)) {
                case DATA -> deliver(loop.batch());
                case EMPTY -> {
                    if (tellStates(knownStates) == 0 && reader.await() && states.size() == 0) {
                        return;
                    }
                }
                case LAPPED -> skip();
                case ENDED -> {
                    if (units != null) {
                        units.cut();
                    }
                    tellStates(states.size());
                    tellLossAtEnd(loop.batch());
                    end(stoppedReason());
                }
            }
        }
    }

    private boolean begin() {
        return switch (request.getStartCase()) {
            case LIVE, START_NOT_SET -> false;
            case RANDOM_ACCESS -> reader.startAtRandomAccess();
            case OLDEST -> {
                reader.startAtOldest();
                yield false;
            }
            case RESUME -> {
                resume(request.getResume());
                yield false;
            }
        };
    }

    private void resume(StartResume resume) {
        long packet = resume.hasPacket() ? resume.getPacket() : -1;
        if (!reader.startAfter(resume.getEpoch(), resume.getPosition(), packet)) {
            pendingCause = DiscontinuityCause.DISCONTINUITY_CAUSE_NOT_RESUMABLE;
            lossesUnknown = true;
            if (!reader.startAfterEpoch(resume.getEpoch())) {
                reader.startAtRandomAccess();
            }
        } else {
            resuming = true;
        }
    }

    private void deliver(Batch batch) {
        resuming = false;
        tellStatesBefore(batch.epoch());
        DiscontinuityCause cause = causeBefore(batch);
        if (cause != null) {
            breakUnits(cause);
            tellDiscontinuity(cause, batch);
        }
        if (units == null || !units.take(batch)) {
            call.sendMessage(loop.media());
            counters.chunks.increment();
        }
        counters.bytes.add(batch.length());
        turn.sent(batch.length());
    }

    private void breakUnits(DiscontinuityCause cause) {
        if (units == null) {
            return;
        }
        if (cause == DiscontinuityCause.DISCONTINUITY_CAUSE_LOSS) {
            units.lost();
        } else {
            units.cut();
        }
    }

    private void sendUnits(Chunk chunk) {
        send(SubscribeResponse.newBuilder().setChunk(chunk));
        counters.chunks.increment();
    }

    private @Nullable DiscontinuityCause causeBefore(Batch batch) {
        if (pendingCause != null) {
            return pendingCause;
        }
        if (batch.newEpoch()) {
            return DiscontinuityCause.DISCONTINUITY_CAUSE_NEW_EPOCH;
        }
        if ((batch.flags() & RecordFlags.SOURCE_RESTART) != 0) {
            return DiscontinuityCause.DISCONTINUITY_CAUSE_SOURCE_RESTART;
        }
        return (batch.flags() & RecordFlags.AFTER_LOSS) != 0 || batch.skippedPackets() > 0
                ? DiscontinuityCause.DISCONTINUITY_CAUSE_LOSS
                : null;
    }

    private void tellDiscontinuity(DiscontinuityCause cause, Batch batch) {
        boolean known =
                !lossesUnknown
                        && !batch.newEpoch()
                        && !batch.acrossRestart()
                        && batch.skippedPackets() >= 0;
        send(
                SubscribeResponse.newBuilder()
                        .setDiscontinuity(
                                Discontinuity.newBuilder()
                                        .setCause(cause)
                                        .setLostBytes(lossesUnknown ? 0 : batch.skippedBytes())
                                        .setLostPackets(
                                                lossesUnknown
                                                        ? 0
                                                        : Math.max(0, batch.skippedPackets()))
                                        .setLossesKnown(known)
                                        .setGapMs(batch.gapUs() / 1_000)
                                        .setEpoch(batch.epoch())
                                        .setPosition(batch.position())));
        counters.lostBytes.add(lossesUnknown ? 0 : batch.skippedBytes());
        pendingCause = null;
        lossesUnknown = false;
    }

    private void tellLossAtEnd(Batch batch) {
        if (pendingCause != null || batch.skippedPackets() > 0) {
            DiscontinuityCause cause = causeBefore(batch);
            tellDiscontinuity(
                    cause == null ? DiscontinuityCause.DISCONTINUITY_CAUSE_LOSS : cause, batch);
        }
    }

    /** Gives up what was overwritten, and more, so that a decoder can go on. */
    private void skip() {
        counters.lapped.increment();
        if (pendingCause == null) {
            pendingCause =
                    resuming
                            ? DiscontinuityCause.DISCONTINUITY_CAUSE_NOT_RESUMABLE
                            : DiscontinuityCause.DISCONTINUITY_CAUSE_LAPPED;
        }
        if (request.getAfterLapped() == AfterLapped.AFTER_LAPPED_LIVE) {
            reader.skipToEnd();
        } else if (!reader.skipToRandomAccess()) {
            reader.skipToEnd();
            seeking = stream.ring().hasRandomAccess();
        }
    }

    private void seek() {
        if (reader.skipToRandomAccess()) {
            seeking = false;
        } else {
            reader.skipToEnd();
        }
    }

    /** Tells the first so many states; returns how many. */
    private int tellStates(int count) {
        for (int i = 0; i < count; i++) {
            StateChanged state = states.poll();
            if (state != null) {
                send(SubscribeResponse.newBuilder().setStateChanged(state));
            }
        }
        return count;
    }

    private void tellStatesBefore(long epoch) {
        for (StateChanged state = states.pollBefore(epoch);
                state != null;
                state = states.pollBefore(epoch)) {
            send(SubscribeResponse.newBuilder().setStateChanged(state));
        }
    }

    private Reason stoppedReason() {
        return stream.state() instanceof StreamState.Stopped(_, Reason reason)
                ? reason
                : Reason.REASON_INTERNAL;
    }

    private void noteStalled() {
        if (!stalled) {
            stalled = true;
            stalledSinceNs = System.nanoTime();
        }
    }

    private void end(Reason reason) {
        if (!closed) {
            Ended.Builder ended = Ended.newBuilder().setReason(reason);
            if (stream.state() instanceof StreamState.Stopped) {
                ended.setMovedTo(stream.movedTo());
            }
            send(SubscribeResponse.newBuilder().setEnded(ended));
            call.close(Status.OK, new Metadata());
            close();
        }
    }

    private void send(SubscribeResponse.Builder message) {
        call.sendMessage(new Outgoing.Event(message.build()));
    }

    private void close() {
        if (!closed) {
            closed = true;
            stream.removeListener(this);
            stream.subscriptionClosed();
            loop.remove(this);
            reader.close();
            onClosed.run();
        }
    }

    /** The error for a request that names something impossible, or nothing. */
    static Optional<StatusRuntimeException> problemOf(SubscribeRequest request) {
        int max = request.getMaxChunkBytes();
        return max == 0 || (max >= MIN_CHUNK_BYTES && max <= MAX_CHUNK_BYTES)
                ? Optional.empty()
                : Optional.of(
                        Reasons.grpcError(
                                Reason.REASON_INVALID_REQUEST,
                                "max_chunk_bytes has to be 0, or from "
                                        + MIN_CHUNK_BYTES
                                        + " to "
                                        + MAX_CHUNK_BYTES));
    }
}
