package live.mirror.receive.rtp;

import org.jspecify.annotations.Nullable;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Datagrams on their way from the tick thread to one session's thread. The tick thread offers and
 * then publishes, once per tick; the session's thread takes. Rings of bytes, each twice as large as
 * the one before: what a session needs while its claim is being decided need not be held for ever
 * by all. When the last allowed ring is full, datagrams are dropped and counted; the session finds
 * them missing by their sequence numbers.
 */
final class Inbox {

    private static final int FIRST_RING_BYTES = 1 << 18;

    /** The shortest datagram that is worth a place in the index. */
    private static final int BYTES_PER_ENTRY = 256;

    private final int maxBytes;

    // The tick thread's.
    private Ring producing = new Ring(FIRST_RING_BYTES);
    private long droppedCount;
    private boolean grew;

    // The session thread's.
    private Ring consuming = producing;

    /** One ring: an index of entries, and the bytes. */
    private static final class Ring {
        private final byte[] bytes;
        private final int[] offsets;
        private final int[] lengths;
        private final byte[] kinds;
        private final long[] arrivals;

        // Entries published, entries taken: each written by one side, with release, and read by the
        // other with acquire.
        private final AtomicLong published = new AtomicLong();
        private final AtomicLong taken = new AtomicLong();

        // The producer's.
        private long written;
        private int writeOffset;

        // The producer hands over to the next ring after its last publish here.
        private volatile @Nullable Ring next;

        private Ring(int capacityBytes) {
            bytes = new byte[capacityBytes];
            int entries = capacityBytes / BYTES_PER_ENTRY;
            offsets = new int[entries];
            lengths = new int[entries];
            kinds = new byte[entries];
            arrivals = new long[entries];
        }

        /** Where so many bytes may be written, or -1. */
        private int room(int length) {
            long oldest = taken.getAcquire();
            if (written - oldest == offsets.length) {
                return -1;
            }
            if (written == oldest) {
                writeOffset = 0;
                return length <= bytes.length ? 0 : -1;
            }
            int readOffset = offsets[(int) oldest & (offsets.length - 1)];
            if (writeOffset > readOffset) {
                if (writeOffset + length <= bytes.length) {
                    return writeOffset;
                }
                return length < readOffset ? 0 : -1;
            }
            return writeOffset + length < readOffset ? writeOffset : -1;
        }
    }

    /** An inbox that grows up to this many bytes. */
    Inbox(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Makes room for a datagram; its bytes are to be written to {@link #target} at the offset that
     * is returned.
     *
     * @return -1 when the inbox is full and the datagram is to be dropped
     */
    int claim(int length) {
        int offset = producing.room(length);
        if (offset < 0 && 2 * producing.bytes.length <= maxBytes) {
            Ring larger = new Ring(2 * producing.bytes.length);
            publish();
            grew = true;
            producing.next = larger;
            producing = larger;
            offset = producing.room(length);
        }
        if (offset < 0) {
            droppedCount++;
        }
        return offset;
    }

    /** Where a claimed datagram is written to. */
    byte[] target() {
        return producing.bytes;
    }

    /** The claimed datagram is complete. */
    void commit(int offset, int length, Channel channel, int leg, long arrivalNs) {
        Ring ring = producing;
        int entry = (int) ring.written & (ring.offsets.length - 1);
        ring.offsets[entry] = offset;
        ring.lengths[entry] = length;
        ring.kinds[entry] = kind(channel, leg);
        ring.arrivals[entry] = arrivalNs;
        ring.writeOffset = offset + length;
        ring.written++;
    }

    /** Lets the session see what was committed; answers whether that is anything new. */
    boolean publish() {
        Ring ring = producing;
        boolean grown = grew;
        grew = false;
        if (ring.published.getPlain() == ring.written) {
            return grown;
        }
        ring.published.setRelease(ring.written);
        return true;
    }

    /** Datagrams dropped because the inbox was full. */
    long droppedCount() {
        return droppedCount;
    }

    /** Whether there is nothing to take. Session's thread. */
    boolean isEmpty() {
        return consuming.taken.getPlain() == consuming.published.getAcquire()
                && consuming.next == null;
    }

    /** Hands all there is to the reader, in order. Session's thread. */
    int drain(Reader reader) {
        int count = 0;
        while (true) {
            Ring ring = consuming;
            // Before the entries are counted: behind a successor nothing more is published here.
            Ring next = ring.next;
            long end = ring.published.getAcquire();
            long at = ring.taken.getPlain();
            count += (int) (end - at);
            for (; at < end; at++) {
                int entry = (int) at & (ring.offsets.length - 1);
                byte kind = ring.kinds[entry];
                reader.datagram(
                        ring.bytes,
                        ring.offsets[entry],
                        ring.lengths[entry],
                        channel(kind),
                        kind & 1,
                        ring.arrivals[entry]);
                ring.taken.setRelease(at + 1);
            }
            if (next == null) {
                return count;
            }
            consuming = next;
        }
    }

    /** Takes datagrams out of an inbox. */
    interface Reader {
        /** One datagram; its bytes are valid during the call. */
        void datagram(
                byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs);
    }

    private static byte kind(Channel channel, int leg) {
        int number =
                switch (channel) {
                    case MEDIA -> 0;
                    case RTCP -> 1;
                    case FEC_COLUMN -> 2;
                    case FEC_ROW -> 3;
                };
        return (byte) (number << 1 | leg);
    }

    private static Channel channel(byte kind) {
        return switch (kind >> 1) {
            case 0 -> Channel.MEDIA;
            case 1 -> Channel.RTCP;
            case 2 -> Channel.FEC_COLUMN;
            default -> Channel.FEC_ROW;
        };
    }
}
