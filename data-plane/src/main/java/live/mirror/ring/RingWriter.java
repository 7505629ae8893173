package live.mirror.ring;

import static live.mirror.ring.RecordLayout.HEADER_BYTES;
import static live.mirror.ring.RecordLayout.recordBytes;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;

/**
 * The writing end of a ring. Used by one thread at a time, the stream's ingest session; the next
 * session may go on with it when the one before has stopped. Allocates nothing and waits for
 * nobody.
 */
public final class RingWriter {

    private final Ring ring;
    private final MemorySegment memory;
    private PayloadInspector inspector = PayloadInspector.NONE;

    private long tail;
    private long published;
    private int claimedBytes;
    private long position;
    private long packet;
    private long epoch = Long.MIN_VALUE;
    private int pendingFlags;
    private long tables = Ring.NONE;

    RingWriter(Ring ring) {
        this.ring = ring;
        this.memory = ring.memory;
    }

    /** Sets who looks at each payload from now on. */
    public void inspectWith(PayloadInspector newInspector) {
        inspector = newInspector;
    }

    /**
     * Makes room for one payload. May be called again without a commit in between, for instance
     * because there was nothing to receive.
     *
     * @param maxBytes what the payload has at most, up to {@link Ring#MAX_PAYLOAD_BYTES} and a
     *     quarter of the ring
     * @return the native address where the payload is to be written
     */
    public long claim(int maxBytes) {
        return memory.address() + reserve(maxBytes);
    }

    /** The copying form of {@link #claim} and {@link #commit}; empties the buffer. */
    public void write(ByteBuffer payload, long packetEpoch, long arrivalUnixUs, int flags) {
        int length = payload.remaining();
        long index = reserve(length);
        MemorySegment.copy(MemorySegment.ofBuffer(payload), 0, memory, index, length);
        payload.position(payload.limit());
        commit(length, packetEpoch, arrivalUnixUs, flags);
    }

    /** The copying form for an array. */
    public void write(
            byte[] payload,
            int offset,
            int length,
            long packetEpoch,
            long arrivalUnixUs,
            int flags) {
        long index = reserve(length);
        MemorySegment.copy(payload, offset, memory, ValueLayout.JAVA_BYTE, index, length);
        commit(length, packetEpoch, arrivalUnixUs, flags);
    }

    /**
     * Turns what was written to the claimed address into a record. Readers see it with the next
     * {@link #publish}.
     *
     * @param length bytes of the payload, not more than were claimed
     * @param packetEpoch of the session that received it
     * @param arrivalUnixUs when it arrived
     * @param flags of {@link RecordFlags}, besides those that the inspector finds
     */
    public void commit(int length, long packetEpoch, long arrivalUnixUs, int flags) {
        if (length < 0 || length > claimedBytes) {
            throw new IllegalStateException(
                    length + " bytes committed, " + claimedBytes + " claimed");
        }
        if (packetEpoch != epoch) {
            beginEpoch(packetEpoch);
        }
        long index = ring.index(tail);
        int allFlags =
                flags | pendingFlags | inspector.inspect(memory, index + HEADER_BYTES, length);
        RecordLayout.lengthAndFlags(memory, index, length, allFlags);
        RecordLayout.counts(memory, index, position, packet);
        RecordLayout.epochAndArrival(memory, index, packetEpoch, arrivalUnixUs);
        noteRandomAccess(allFlags);
        pendingFlags = 0;
        position += length;
        packet++;
        tail += recordBytes(length);
        claimedBytes = 0;
    }

    /**
     * Says that packets were lost on the way from the publisher, or that the source restarted; the
     * next record carries it to the readers.
     *
     * @param cause {@link RecordFlags#AFTER_LOSS} or {@link RecordFlags#SOURCE_RESTART}
     * @param lostPackets how many packets are known to be lost; nobody knows it of a restart
     */
    public void gap(int cause, long lostPackets) {
        pendingFlags |= cause;
        if ((cause & RecordFlags.SOURCE_RESTART) != 0) {
            inspector.restart();
            ring.restart(position);
        }
        packet += lostPackets;
    }

    /** Lets readers see what was committed and wakes those that wait; once per drain. */
    public void publish() {
        // The counts of the record to come: a reader at the end can tell where it stands.
        RecordLayout.counts(memory, ring.index(tail), position, packet);
        published = tail;
        ring.publish(tail);
    }

    /** Payload bytes written so far. */
    public long position() {
        return position;
    }

    private void beginEpoch(long newEpoch) {
        epoch = newEpoch;
        tables = Ring.NONE;
        inspector.restart();
        ring.randomAccess(Ring.NONE);
        ring.beginEpoch(newEpoch, position);
    }

    private void noteRandomAccess(int flags) {
        if ((flags & RecordFlags.TABLES) != 0) {
            tables = tail;
        }
        if ((flags & RecordFlags.RANDOM_ACCESS) != 0) {
            ring.randomAccess(tables >= ring.oldestPlain() ? tables : tail);
        }
    }

    /** Returns the index in memory of the payload. */
    private long reserve(int maxBytes) {
        if (maxBytes < 0
                || maxBytes > Ring.MAX_PAYLOAD_BYTES
                || maxBytes > ring.capacityBytes / 4) {
            throw new IllegalArgumentException(
                    maxBytes + " bytes claimed of a ring of " + ring.capacityBytes);
        }
        if (tail - published > ring.capacityBytes / 4) {
            // What is not published must never push out what is: readers rely on oldest <=
            // published.
            publish();
        }
        int recordBytes = recordBytes(maxBytes);
        long index = ring.index(tail);
        long room = ring.capacityBytes - index;
        if (recordBytes > room) {
            forgetUpTo(tail + room);
            RecordLayout.lengthAndFlags(memory, index, (int) room, RecordFlags.PADDING);
            tail += room;
            index = 0;
        }
        // One header more, for the counts that publish() writes behind the last record.
        forgetUpTo(tail + recordBytes + HEADER_BYTES);
        claimedBytes = maxBytes;
        return index + HEADER_BYTES;
    }

    /** Moves `oldest` past every record that has a byte where [tail, end) will be written. */
    private void forgetUpTo(long end) {
        long limit = end - ring.capacityBytes;
        long oldest = ring.oldestPlain();
        if (oldest >= limit) {
            return;
        }
        while (oldest < limit) {
            long index = ring.index(oldest);
            oldest +=
                    recordBytes(
                            RecordLayout.length(memory, index), RecordLayout.flags(memory, index));
        }
        ring.forget(oldest);
    }
}
