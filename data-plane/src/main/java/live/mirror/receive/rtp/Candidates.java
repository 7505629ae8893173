package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.BigEndian;

import java.util.Arrays;

/**
 * Sources of one port that are not known yet: in probation (RFC 3550 appendix A.1), or refused and
 * not to be asked about for some seconds. A table of fixed size, four places for each hash. The
 * first packets of a source are kept, so that none is missing when its probation ends; there is
 * memory for that of some sources only. Who needs a place or memory and finds none free takes
 * another's, drawn by lot: were it that of the one not heard of for longest, many sources that
 * begin at one time and take turns would push out each other for ever.
 *
 * <p>Belongs to the tick thread.
 */
final class Candidates {

    /** RFC 3550 appendix A.1: MIN_SEQUENTIAL. */
    private static final int MIN_SEQUENTIAL = 2;

    private static final int WAYS = 4;
    private static final int KEPT = 4;
    private static final int NONE = -1;

    /** Kept packets farther behind the last than this belong to something else. */
    private static final int MAX_BEHIND = 16;

    private final int sets;
    private final int slotBytes;
    private final long silenceNs;
    private final long[] high;
    private final long[] low;
    private final int[] port;
    private final int[] ssrc;
    private final int[] sequence;
    private final int[] sequential;
    private final long[] seenNs;
    private final long[] refusedUntilNs;
    private final boolean[] refusedUntilSilent;
    private final boolean[] used;

    // Packets kept: of each place its share, or NONE, and how many came.
    private final int[] share;
    private final int[] keptCount;

    // Of each share whose it is, or NONE, and its packets as a ring of KEPT.
    private final int[] owner;
    private final byte[] kept;
    private final int[] keptLength;
    private final long[] keptArrivalNs;

    private int lot = 1;

    /**
     * Allocates the table.
     *
     * @param places a power of two, at least 4
     * @param shares of how many sources packets are kept, a power of two
     * @param slotBytes the longest datagram
     * @param silenceNs what counts as silence
     */
    Candidates(int places, int shares, int slotBytes, long silenceNs) {
        this.silenceNs = silenceNs;
        this.sets = places / WAYS;
        this.slotBytes = slotBytes;
        high = new long[places];
        low = new long[places];
        port = new int[places];
        ssrc = new int[places];
        sequence = new int[places];
        sequential = new int[places];
        seenNs = new long[places];
        refusedUntilNs = new long[places];
        refusedUntilSilent = new boolean[places];
        used = new boolean[places];
        share = new int[places];
        keptCount = new int[places];
        owner = new int[shares];
        kept = new byte[Math.multiplyExact(shares * KEPT, slotBytes)];
        keptLength = new int[shares * KEPT];
        keptArrivalNs = new long[shares * KEPT];
        clear();
    }

    /** The place of a source; it is put there if it has none. */
    int place(long sourceHigh, long sourceLow, int sourcePort, int sourceSsrc, long nowNs) {
        int hash = Long.hashCode(sourceHigh * 31 + sourceLow) * 31 + sourcePort;
        int set = ((hash * 31 + sourceSsrc) * 0x9e37_79b9) >>> 8 & (sets - 1);
        int free = NONE;
        for (int i = set * WAYS; i < set * WAYS + WAYS; i++) {
            if (!used[i]) {
                free = i;
            } else if (ssrc[i] == sourceSsrc
                    && low[i] == sourceLow
                    && high[i] == sourceHigh
                    && port[i] == sourcePort) {
                heard(i, nowNs);
                return i;
            }
        }
        int place = free == NONE ? set * WAYS + draw(WAYS) : free;
        forget(place);
        used[place] = true;
        high[place] = sourceHigh;
        low[place] = sourceLow;
        port[place] = sourcePort;
        ssrc[place] = sourceSsrc;
        seenNs[place] = nowNs;
        refusedUntilNs[place] = nowNs;
        refusedUntilSilent[place] = false;
        return place;
    }

    private void heard(int place, long nowNs) {
        if (nowNs - seenNs[place] >= silenceNs) {
            refusedUntilSilent[place] = false;
            // What came before the silence proves nothing.
            forget(place);
        }
        seenNs[place] = nowNs;
    }

    /** Whether the source was refused a moment ago. */
    boolean isRefused(int place, long nowNs) {
        return refusedUntilSilent[place] || refusedUntilNs[place] - nowNs > 0;
    }

    /** Refuses the source until then. */
    void refuse(int place, long untilNs) {
        refusedUntilNs[place] = untilNs;
        forget(place);
    }

    /**
     * Refuses the source for as long as it goes on: an operator has stopped its stream, and RTP has
     * no way to tell it.
     */
    void refuseUntilSilent(int place) {
        refuse(place, seenNs[place]);
        refusedUntilSilent[place] = true;
    }

    /** Takes a packet of a source in probation, and answers whether its probation is over. */
    boolean probation(int place, int packetSequence, UdpSocket socket, int index, long arrivalNs) {
        if (share[place] == NONE) {
            share[place] = takeShare(place);
        }
        if (sequential[place] > 0 && packetSequence == ((sequence[place] + 1) & 0xffff)) {
            sequential[place]++;
        } else {
            sequential[place] = 1;
        }
        sequence[place] = packetSequence;
        int slot = share[place] * KEPT + keptCount[place]++ % KEPT;
        keptLength[slot] = socket.length(index);
        keptArrivalNs[slot] = arrivalNs;
        socket.copy(index, kept, slot * slotBytes);
        return sequential[place] >= MIN_SEQUENTIAL;
    }

    /** The bytes of the packet that {@link #probation} took last. */
    byte[] keptBytes() {
        return kept;
    }

    /** Where that packet lies. */
    int lastOffset(int place) {
        return (share[place] * KEPT + (keptCount[place] - 1) % KEPT) * slotBytes;
    }

    /**
     * Hands the packets of a source to its session, in the order of their numbers, and forgets the
     * source: its stream begins with the lowest number, so that none is late.
     */
    void release(int place, RtpSession session, int leg) {
        int first = share[place] * KEPT;
        int count = Math.min(keptCount[place], KEPT);
        for (int rank = -MAX_BEHIND; rank <= 0; rank++) {
            for (int slot = first; slot < first + count; slot++) {
                int number = BigEndian.u16(kept, slot * slotBytes + 2);
                if ((short) (number - sequence[place]) == rank) {
                    hand(slot, session, leg);
                    // A duplicate of it would be told as one by the session; it is dropped here.
                    break;
                }
            }
        }
        forget(place);
        used[place] = false;
    }

    private void hand(int slot, RtpSession session, int leg) {
        session.take(
                kept, slot * slotBytes, keptLength[slot], Channel.MEDIA, leg, keptArrivalNs[slot]);
    }

    /** Forgets everything, for instance because definitions have changed. */
    void clear() {
        Arrays.fill(used, false);
        Arrays.fill(share, NONE);
        Arrays.fill(owner, NONE);
    }

    /** Its probation begins anew. */
    private void forget(int place) {
        sequential[place] = 0;
        keptCount[place] = 0;
        if (share[place] != NONE) {
            owner[share[place]] = NONE;
            share[place] = NONE;
        }
    }

    private int takeShare(int place) {
        int taken = draw(owner.length);
        for (int i = 0; i < owner.length && owner[taken] != NONE; i++) {
            taken = (taken + 1) & (owner.length - 1);
        }
        if (owner[taken] != NONE) {
            forget(owner[taken]);
        }
        owner[taken] = place;
        return taken;
    }

    /** A number from 0 on below this power of two. */
    private int draw(int below) {
        lot = lot * 1_103_515_245 + 12_345;
        return lot >>> 16 & (below - 1);
    }
}
