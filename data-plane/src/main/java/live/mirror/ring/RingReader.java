package live.mirror.ring;

import static live.mirror.ring.RecordLayout.HEADER_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * A reading end of a ring. Used by one thread at a time; holds nothing but its place, so a reader
 * that does not read costs nobody anything. A new reader stands at the end.
 *
 * <p>Two ways of moving: {@code start…} begins anew, so what lies between is no loss; {@code skip…}
 * gives something up, and the next batch says exactly how much.
 */
public final class RingReader implements AutoCloseable {

    /** What became of a read. */
    public enum Result {
        /** The batch holds at least one payload. */
        DATA,
        /** Nothing there yet. */
        EMPTY,
        /** The writer overtook this reader; skip to somewhere, then read on. */
        LAPPED,
        /** Nothing there, and nothing will come; the batch says what was given up right before. */
        ENDED
    }

    private static final VarHandle WAITING;
    private static final long UNKNOWN = -1;

    static {
        try {
            WAITING =
                    MethodHandles.lookup()
                            .findVarHandle(RingReader.class, "waiting", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Ring ring;
    private final MemorySegment memory;
    private final Runnable wake;

    // The reading thread's own.
    private long cursor;
    private boolean lapped;
    private boolean closed;
    private long expectedPosition;
    private long expectedPacket;
    private long lastEpoch = UNKNOWN;
    private long lastArrivalUnixUs = UNKNOWN;

    /** Set by the reading thread, taken back by whoever sees it first. */
    @SuppressWarnings("UnusedVariable") // Through WAITING.
    private boolean waiting;

    RingReader(Ring ring, Runnable wake) {
        this.ring = ring;
        this.memory = ring.memory;
        this.wake = wake;
        startAtEnd();
    }

    /** Begins with the next payload to come. */
    public void startAtEnd() {
        long end;
        do {
            end = ring.published();
        } while (!startAt(end));
    }

    /** Begins with the oldest payload in the ring. */
    public void startAtOldest() {
        while (!startAt(ring.oldest())) {
            Thread.onSpinWait();
        }
    }

    /**
     * Begins at the last random access point.
     *
     * @return false, and nothing has changed, when none is in the ring
     */
    public boolean startAtRandomAccess() {
        long offset = ring.randomAccess();
        return offset != Ring.NONE && offset < ring.published() && startAt(offset);
    }

    /**
     * Goes on where another reader of the same ring stopped. When that is overwritten already, the
     * next read says {@link Result#LAPPED}, and the first batch afterwards how much is missing.
     *
     * @param epoch of the last payload it read
     * @param position of the payload it would have read next
     * @param packet number of that payload, or a negative number when it is not known
     * @return false, and nothing has changed, when no reader of this ring can have stood there
     */
    public boolean startAfter(long epoch, long position, long packet) {
        if (!ring.epochs().contains(epoch, position)) {
            return false;
        }
        long end = ring.published();
        long at = ring.oldest();
        while (at < end) {
            long index = ring.index(at);
            int length = RecordLayout.length(memory, index);
            int flags = RecordLayout.flags(memory, index);
            long here = RecordLayout.position(memory, index);
            if (!ring.holds(at)) {
                at = ring.oldest();
                continue;
            }
            if ((flags & RecordFlags.PADDING) == 0 && here >= position) {
                break;
            }
            at += RecordLayout.recordBytes(length, flags);
        }
        long found = RecordLayout.position(memory, ring.index(at));
        boolean whole = ring.holds(at);
        if (whole && found < position) {
            // Beyond what is published: another ring's position after all.
            return false;
        }
        cursor = at;
        lapped = !whole || found != position;
        expectedPosition = position;
        expectedPacket = packet < 0 ? UNKNOWN : packet;
        lastEpoch = epoch;
        lastArrivalUnixUs = UNKNOWN;
        return true;
    }

    /**
     * Begins with the first payload of the first epoch above this one: a reader that stood in
     * another ring, under this epoch, has seen nothing of it. When that is overwritten already, the
     * next read says {@link Result#LAPPED}.
     *
     * @return false, and nothing has changed, when this ring has no such epoch
     */
    public boolean startAfterEpoch(long epoch) {
        EpochTable.Beginning next = ring.epochs().firstAfter(epoch);
        return next != null && startAfter(next.epoch(), next.position(), UNKNOWN);
    }

    /** Gives up what lies between here and the end. */
    public void skipToEnd() {
        cursor = ring.published();
        lapped = false;
    }

    /**
     * Gives up what lies between here and the last random access point.
     *
     * @return false, and nothing has changed, when none is in the ring
     */
    public boolean skipToRandomAccess() {
        long offset = ring.randomAccess();
        if (offset == Ring.NONE || offset >= ring.published() || !ring.holds(offset)) {
            return false;
        }
        cursor = offset;
        lapped = false;
        return true;
    }

    /** Position of the payload to be read next, by all that is known. */
    public long position() {
        return expectedPosition;
    }

    /**
     * Takes what is there: whole payloads of one epoch and kind up to the next break, as many as
     * fit.
     *
     * @param maxBytes of payloads together; a larger single one comes alone
     */
    public Result read(Batch batch, int maxBytes) {
        batch.clear();
        if (lapped) {
            return Result.LAPPED;
        }
        // Before published(): what was published before the end is seen.
        boolean ended = ring.ended();
        long end = ring.published();
        long at = cursor;
        while (at < end) {
            long index = ring.index(at);
            int length = RecordLayout.length(memory, index);
            int flags = RecordLayout.flags(memory, index);
            if (!ring.holds(at)) {
                return overtaken(batch);
            }
            if ((flags & RecordFlags.PADDING) == 0
                    && !take(batch, index, length, flags, maxBytes)) {
                break;
            }
            at += RecordLayout.recordBytes(length, flags);
        }
        if (cursor < end && !ring.holds(cursor)) {
            return overtaken(batch);
        }
        cursor = at;
        if (batch.payloadCount > 0) {
            account(batch);
            return Result.DATA;
        }
        if (ended) {
            standAtEnd(batch);
            return Result.ENDED;
        }
        return Result.EMPTY;
    }

    /**
     * Asks to be woken when there is something to read.
     *
     * @return false when there is already, or nothing will come; a wake may follow all the same
     */
    public boolean await() {
        WAITING.setOpaque(this, true);
        // Full: the flag above before the loads below; pairs with the fence in Ring.publish().
        VarHandle.fullFence();
        if (lapped || ring.ended() || cursor < ring.published()) {
            WAITING.setOpaque(this, false);
            return false;
        }
        return true;
    }

    /** Lets go of the ring. A wake may still come after this. */
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            ring.remove(this);
        }
    }

    /** Any thread. */
    void wakeIfWaiting() {
        if ((boolean) WAITING.getOpaque(this) && WAITING.compareAndSet(this, true, false)) {
            wake.run();
        }
    }

    /** Returns whether the record was taken; nothing counts before the caller has checked it. */
    private boolean take(Batch batch, long index, int length, int flags, int maxBytes) {
        long epoch = RecordLayout.epoch(memory, index);
        if (batch.payloadCount == 0) {
            batch.epoch = epoch;
            batch.flags = flags;
            batch.position = RecordLayout.position(memory, index);
            batch.packet = RecordLayout.packet(memory, index);
            batch.arrivalUnixUs = RecordLayout.arrivalUnixUs(memory, index);
        } else if (epoch != batch.epoch
                || (flags & RecordFlags.BREAK) != 0
                || ((flags ^ batch.flags) & RecordFlags.EDGES) != 0
                || batch.length + length > maxBytes
                || batch.payloadCount == batch.payloadBytes.length) {
            return false;
        }
        MemorySegment.copy(
                memory,
                ValueLayout.JAVA_BYTE,
                index + HEADER_BYTES,
                batch.bytes,
                batch.length,
                length);
        batch.payloadBytes[batch.payloadCount++] = length;
        batch.length += length;
        batch.lastArrivalUnixUs = RecordLayout.arrivalUnixUs(memory, index);
        return true;
    }

    private Result overtaken(Batch batch) {
        batch.clear();
        lapped = true;
        return Result.LAPPED;
    }

    private void standAtEnd(Batch batch) {
        long index = ring.index(cursor);
        batch.flags = 0;
        batch.epoch = lastEpoch;
        batch.position = RecordLayout.position(memory, index);
        batch.packet = RecordLayout.packet(memory, index);
        batch.arrivalUnixUs = lastArrivalUnixUs;
        batch.lastArrivalUnixUs = lastArrivalUnixUs;
        account(batch);
    }

    private void account(Batch batch) {
        batch.skippedBytes = batch.position - expectedPosition;
        batch.skippedPackets = expectedPacket == UNKNOWN ? UNKNOWN : batch.packet - expectedPacket;
        // Of several restarts only the last is known: who skipped something is told of all after
        // it.
        batch.acrossRestart =
                (batch.flags & RecordFlags.SOURCE_RESTART) != 0
                        || (batch.skippedBytes > 0 && ring.restart() >= expectedPosition);
        batch.newEpoch = lastEpoch != UNKNOWN && lastEpoch != batch.epoch;
        batch.gapUs =
                lastArrivalUnixUs == UNKNOWN
                        ? 0
                        : Math.max(0, batch.arrivalUnixUs - lastArrivalUnixUs);
        expectedPosition = batch.position + batch.length;
        expectedPacket = batch.packet + batch.payloadCount;
        lastEpoch = batch.epoch;
        lastArrivalUnixUs = batch.lastArrivalUnixUs;
    }

    private boolean startAt(long offset) {
        long index = ring.index(offset);
        long position = RecordLayout.position(memory, index);
        long packet = RecordLayout.packet(memory, index);
        if (!ring.holds(offset)) {
            return false;
        }
        cursor = offset;
        lapped = false;
        expectedPosition = position;
        expectedPacket = packet;
        lastEpoch = UNKNOWN;
        lastArrivalUnixUs = UNKNOWN;
        return true;
    }
}
