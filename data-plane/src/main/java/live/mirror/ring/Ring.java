package live.mirror.ring;

import static live.mirror.ring.RecordLayout.SLACK_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The memory, and the three numbers by which its one writer and its readers understand each other.
 * Offsets are {@code long}s that only grow; the place in memory is their low bits.
 *
 * <pre>
 *        oldest                            published      tail (writer's own)
 *          |  readers read here                |             |
 *   -------+-----------------------------------+-------------+-------->
 *          |<------------------ at most the capacity ------------->|
 * </pre>
 *
 * <p><b>Publishing.</b> The writer stores {@code published} with release after the records before
 * it; a reader loads it with acquire and so sees them whole.
 *
 * <p><b>Overwriting.</b> Before the writer touches a byte, it moves {@code oldest} past every
 * record that the byte belonged to, and a store-store fence keeps that order. A reader copies first
 * and loads {@code oldest} after a load-load fence: if it saw any byte of a newer record, it also
 * sees an {@code oldest} beyond its own offset, and throws the copy away. So no lock, no waiting,
 * and torn copies are found without a checksum.
 *
 * <p><b>Waking.</b> A reader that finds nothing raises its flag and looks once more; the writer
 * publishes and then looks at the flags, with a full fence between on both sides (Dekker), so one
 * of the two sees the other.
 *
 * <p>The memory is freed when the owner and the last reader have closed: who is slow may read to
 * the end.
 */
public final class Ring implements AutoCloseable {

    /** The largest payload: what UDP can carry, rounded up. */
    public static final int MAX_PAYLOAD_BYTES = 65_536;

    /** The smallest ring. */
    public static final int MIN_CAPACITY_BYTES = 1024;

    static final long NONE = -1;

    private static final VarHandle PUBLISHED;
    private static final VarHandle OLDEST;
    private static final VarHandle RANDOM_ACCESS;
    private static final VarHandle RESTART;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            PUBLISHED = lookup.findVarHandle(Ring.class, "published", long.class);
            OLDEST = lookup.findVarHandle(Ring.class, "oldest", long.class);
            RANDOM_ACCESS = lookup.findVarHandle(Ring.class, "randomAccess", long.class);
            RESTART = lookup.findVarHandle(Ring.class, "restart", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final RingReader[] NO_READERS = {};

    final MemorySegment memory;
    final long capacityBytes;
    private final long mask;
    private final Arena arena = Arena.ofShared();
    private final RingWriter writer;
    private final Runnable onFreed;

    // Written by the writer, read by all, through the handles above.
    @SuppressWarnings("UnusedVariable") // Through PUBLISHED.
    private long published;

    @SuppressWarnings("UnusedVariable") // Through OLDEST.
    private long oldest;

    @SuppressWarnings("UnusedVariable") // Through RANDOM_ACCESS.
    private long randomAccess = NONE;

    @SuppressWarnings("UnusedVariable") // Through RESTART.
    private long restart = NONE;

    // Written under the lock, read by all.
    private volatile EpochTable epochs = EpochTable.EMPTY;
    private volatile RingReader[] readers = NO_READERS;
    private volatile boolean ended;
    private volatile boolean randomAccessSeen;

    // Guarded by this.
    private int holders = 1;

    /** A ring whose memory nobody counts. */
    public Ring(long capacityBytes) {
        this(capacityBytes, () -> {});
    }

    /**
     * Allocates the memory.
     *
     * @param capacityBytes of records and their headers, a power of two
     * @param onFreed called once when the memory is freed, by whoever closes last
     */
    public Ring(long capacityBytes, Runnable onFreed) {
        if (capacityBytes < MIN_CAPACITY_BYTES || Long.bitCount(capacityBytes) != 1) {
            throw new IllegalArgumentException(
                    "capacity " + capacityBytes + " is no power of two from " + MIN_CAPACITY_BYTES);
        }
        this.capacityBytes = capacityBytes;
        this.mask = capacityBytes - 1;
        this.memory = arena.allocate(capacityBytes + SLACK_BYTES, 64);
        this.writer = new RingWriter(this);
        this.onFreed = onFreed;
    }

    /** The writing end: one, for one thread at a time. */
    public RingWriter writer() {
        return writer;
    }

    /**
     * A new reader, standing at the end.
     *
     * @param wake called when there is something to read after {@link RingReader#await}, on the
     *     writer's thread: must be quick and never block
     */
    public synchronized RingReader reader(Runnable wake) {
        if (holders == 0) {
            throw new IllegalStateException("the ring is closed");
        }
        holders++;
        RingReader reader = new RingReader(this, wake);
        RingReader[] more = Arrays.copyOf(readers, readers.length + 1);
        more[more.length - 1] = reader;
        readers = more;
        return reader;
    }

    /** Bytes of memory that this ring takes. */
    public long capacityBytes() {
        return capacityBytes;
    }

    /** Open readers. */
    public int readerCount() {
        return readers.length;
    }

    /** Ends the ring: the writer must have stopped; readers may still read what is there. */
    @Override
    public void close() {
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
        }
        wakeReaders();
        release();
    }

    /** One reader less; called by it, once. */
    void remove(RingReader reader) {
        synchronized (this) {
            readers =
                    Arrays.stream(readers)
                            .filter(other -> other != reader)
                            .toArray(RingReader[]::new);
        }
        release();
    }

    private void release() {
        boolean last;
        synchronized (this) {
            holders--;
            last = holders == 0;
        }
        if (last) {
            arena.close();
            onFreed.run();
        }
    }

    long index(long offset) {
        return offset & mask;
    }

    /** Whether nothing will be published any more; load before {@link #published}. */
    boolean ended() {
        return ended;
    }

    /** Pairs with {@link #publish}: the records before the returned offset are seen whole. */
    long published() {
        return (long) PUBLISHED.getAcquire(this);
    }

    /** Writer: lets readers see what is before the offset, and wakes those that wait. */
    void publish(long offset) {
        // Release: pairs with the acquire in published().
        PUBLISHED.setRelease(this, offset);
        // Full: the store above before the loads of the waiting flags, see RingReader.await().
        VarHandle.fullFence();
        wakeReaders();
    }

    private void wakeReaders() {
        for (RingReader reader : readers) {
            reader.wakeIfWaiting();
        }
    }

    /** Writer: forbids everything before the offset. Must come before the first byte of the new. */
    void forget(long offset) {
        OLDEST.setOpaque(this, offset);
        // Store-store: pairs with the load-load fence in holds(); the bytes that overwrite come
        // after.
        VarHandle.storeStoreFence();
    }

    /** Writer: its own last value. */
    long oldestPlain() {
        return (long) OLDEST.get(this);
    }

    /** The oldest record that is whole, now. */
    long oldest() {
        return (long) OLDEST.getAcquire(this);
    }

    /**
     * Whether what was read before this call, from this offset on, was not overwritten meanwhile.
     */
    boolean holds(long offset) {
        // Load-load: pairs with the store-store fence in forget(); the copying loads come before.
        VarHandle.loadLoadFence();
        return (long) OLDEST.getOpaque(this) <= offset;
    }

    /** Writer: where a decoder begins best, from the next publish on; {@link #NONE} for nowhere. */
    void randomAccess(long offset) {
        if (offset != NONE && !randomAccessSeen) {
            randomAccessSeen = true;
        }
        // Opaque: readers check it against published and oldest as they do with any offset.
        RANDOM_ACCESS.setOpaque(this, offset);
    }

    /** Where a decoder begins best, or {@link #NONE}; may lie beyond what is published. */
    long randomAccess() {
        return (long) RANDOM_ACCESS.getOpaque(this);
    }

    /** Whether these media have random access points at all, as far as anybody has looked. */
    public boolean hasRandomAccess() {
        return randomAccessSeen;
    }

    /** Writer: the source restarted right before this position, inside its session. */
    void restart(long position) {
        // Opaque: seen at the latest with the publish() of the record that stands there.
        RESTART.setOpaque(this, position);
    }

    /** The position right behind the last restart, or {@link #NONE}. */
    long restart() {
        return (long) RESTART.getOpaque(this);
    }

    EpochTable epochs() {
        return epochs;
    }

    /** Writer: a new epoch begins at this position. */
    void beginEpoch(long epoch, long position) {
        epochs = epochs.with(epoch, position);
    }
}
