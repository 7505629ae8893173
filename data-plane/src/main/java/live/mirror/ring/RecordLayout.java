package live.mirror.ring;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A record: one payload and what is known of it. Records are aligned to 8 bytes and never wrap; a
 * padding record, of which only the first 8 bytes count, fills the end of the memory.
 *
 * <pre>
 *   0                   1                   2                   3
 *   0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *  +---------------------------------------------------------------+
 *  |  0: length: bytes of the payload (padding: of the record)     |
 *  +---------------------------------------------------------------+
 *  |  4: flags (RecordFlags)                                       |
 *  +---------------------------------------------------------------+
 *  |  8: position: payload bytes in the stream before this record  |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  | 16: packet: packets of the stream before this record, those   |
 *  |     that were lost on the way from the publisher included     |
 *  +---------------------------------------------------------------+
 *  | 24: epoch                                                     |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  | 32: arrival, microseconds since the Unix epoch                |
 *  |                                                               |
 *  +---------------------------------------------------------------+
 *  | 40: payload, then 0 to 7 unused bytes                         |
 *  ...                                                           ...
 * </pre>
 *
 * <p>Position and packet count from the ring's beginning and are also written for the record that
 * comes next, before it exists: a reader that stands at the end can tell where it stands.
 */
final class RecordLayout {

    static final int ALIGNMENT = 8;
    static final int HEADER_BYTES = 40;

    /** What follows the last byte of the memory, so that a header may begin in its last 8 bytes. */
    static final int SLACK_BYTES = HEADER_BYTES;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private RecordLayout() {}

    /** Bytes that a record with such a payload takes. */
    static int recordBytes(int payloadBytes) {
        return (HEADER_BYTES + payloadBytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Bytes that this record takes, padding or not. */
    static int recordBytes(int length, int flags) {
        return (flags & RecordFlags.PADDING) != 0 ? length : recordBytes(length);
    }

    static int length(MemorySegment memory, long offset) {
        return memory.get(INT, offset);
    }

    static int flags(MemorySegment memory, long offset) {
        return memory.get(INT, offset + 4);
    }

    static long position(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + 8);
    }

    static long packet(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + 16);
    }

    static long epoch(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + 24);
    }

    static long arrivalUnixUs(MemorySegment memory, long offset) {
        return memory.get(LONG, offset + 32);
    }

    static void lengthAndFlags(MemorySegment memory, long offset, int length, int flags) {
        memory.set(INT, offset, length);
        memory.set(INT, offset + 4, flags);
    }

    static void counts(MemorySegment memory, long offset, long position, long packet) {
        memory.set(LONG, offset + 8, position);
        memory.set(LONG, offset + 16, packet);
    }

    static void epochAndArrival(MemorySegment memory, long offset, long epoch, long arrivalUnixUs) {
        memory.set(LONG, offset + 24, epoch);
        memory.set(LONG, offset + 32, arrivalUnixUs);
    }
}
