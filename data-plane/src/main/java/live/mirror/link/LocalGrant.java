package live.mirror.link;

import live.mirror.v1.Grant;

import java.util.OptionalLong;

/**
 * What this worker may admit alone while it has no control plane: so many new streams, until the
 * grant is over, under epochs that were set aside for it. Any thread.
 */
final class LocalGrant {

    /** So many epochs stand behind {@link Grant#getFirstEpoch}. */
    private static final int EPOCHS = 1_024;

    // Guarded by the lock.
    private int streams;
    private long untilNs = System.nanoTime();
    private long nextEpoch;
    private long epochsEnd;

    /**
     * Takes the place of what was granted before; counted from the moment at which the worker
     * asked.
     */
    synchronized void replace(Grant grant, long askedNs) {
        streams = grant.getStreams();
        untilNs = askedNs + grant.getValidMs() * 1_000_000;
        if (epochsEnd != grant.getFirstEpoch() + EPOCHS) {
            nextEpoch = grant.getFirstEpoch();
            epochsEnd = nextEpoch + EPOCHS;
        }
    }

    /** New streams that may still be admitted; none once the grant is over. */
    synchronized int streams(long nowNs) {
        return nowNs - untilNs < 0 ? streams : 0;
    }

    /** Takes a place and an epoch for a new stream, or nothing when there is none left. */
    synchronized OptionalLong take(long nowNs) {
        if (streams(nowNs) == 0 || nextEpoch >= epochsEnd) {
            return OptionalLong.empty();
        }
        streams--;
        return OptionalLong.of(nextEpoch++);
    }

    /** An epoch for a stream of this worker's own that comes back; it has its place already. */
    synchronized long epochAfter(long epoch) {
        return nextEpoch > epoch && nextEpoch < epochsEnd ? nextEpoch++ : epoch + 1;
    }
}
