package live.mirror.ring;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * At which position each epoch of a ring began; the last {@value #MAX_EPOCHS} are kept. Tells
 * whether a position that a subscriber got under an epoch means anything in this ring. Immutable.
 */
final class EpochTable {

    static final int MAX_EPOCHS = 64;
    static final EpochTable EMPTY = new EpochTable(new long[0]);

    /** Epoch and first position, in turn, oldest first. */
    private final long[] pairs;

    /** An epoch and its first position. */
    record Beginning(long epoch, long position) {}

    private EpochTable(long[] pairs) {
        this.pairs = pairs;
    }

    EpochTable with(long epoch, long position) {
        int drop = pairs.length == 2 * MAX_EPOCHS ? 2 : 0;
        long[] more = new long[pairs.length - drop + 2];
        System.arraycopy(pairs, drop, more, 0, pairs.length - drop);
        more[more.length - 2] = epoch;
        more[more.length - 1] = position;
        return new EpochTable(more);
    }

    /** Whether a subscriber of this epoch, in this ring, can have stood at this position. */
    boolean contains(long epoch, long position) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] == epoch) {
                long end = i + 3 < pairs.length ? pairs[i + 3] : Long.MAX_VALUE;
                return position >= pairs[i + 1] && position <= end;
            }
        }
        return false;
    }

    /** Where the first epoch above this one begins, or null when there is none. */
    @Nullable Beginning firstAfter(long epoch) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i] > epoch) {
                return new Beginning(pairs[i], pairs[i + 1]);
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return Arrays.toString(pairs);
    }
}
