package live.mirror.receive.srt;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;

/**
 * Watches whether one publisher is still there. The tick looks at the connection's packet count
 * several times a second; a publisher that falls silent is probed, and a newcomer for the same
 * stream may have its place once it is gone or has been silent for long.
 *
 * <p>A refusal proves nothing for publishers that send from a connected socket (some Go programs)
 * or behind a firewall that refuses: their port refuses our probe while they live. So the probe is
 * tried out while the publisher is known to be alive, and believed only if it was not refused then.
 */
final class Vigil {

    /** A publisher that was silent so long loses its place to whoever comes. */
    static final Duration LOST = Duration.ofSeconds(1);

    /**
     * From then on a publisher is probed. Longer than the pauses between the bursts of any usual
     * frame rate.
     */
    static final Duration SUSPECT = Duration.ofMillis(100);

    /** So long the probe is tried out on a live publisher. */
    private static final Duration TRIAL = Duration.ofMillis(400);

    /** A challenger makes the gate probe at most this often. */
    private static final Duration CHALLENGE_PAUSE = Duration.ofMillis(5);

    private enum Trust {
        UNKNOWN,
        BELIEVED,
        WORTHLESS
    }

    private final InetSocketAddress publisher;
    private final long beganNs;

    // Written by the tick, read by the gate.
    private volatile long lastArrivalNs;
    private volatile long lastLookNs;
    private volatile Trust trust = Trust.UNKNOWN;
    private volatile boolean gone;

    // Guarded by the lock; the tick's but for the end.
    private long packets;
    private @Nullable PublisherProbe probe;
    private boolean closed;

    // Any gate thread's; a race costs one probe more.
    private volatile long nextChallengeNs;

    Vigil(InetSocketAddress publisher, long nowNs) {
        this.publisher = publisher;
        this.beganNs = nowNs;
        this.lastArrivalNs = nowNs;
        this.lastLookNs = nowNs;
        this.nextChallengeNs = nowNs;
    }

    /**
     * Looks at the publisher, by the packets that it has sent so far. Answers false when it is
     * gone. The tick's thread.
     */
    synchronized boolean look(long packetsSoFar, long nowNs) {
        if (packetsSoFar != packets) {
            packets = packetsSoFar;
            lastArrivalNs = nowNs;
        }
        if (closed) {
            return true;
        }
        lastLookNs = nowNs;
        boolean suspect = nowNs - lastArrivalNs >= SUSPECT.toNanos();
        switch (trust) {
            case UNKNOWN -> tryOut(nowNs, suspect);
            case BELIEVED -> {
                if (!suspect) {
                    forgetProbe();
                } else if (refused()) {
                    gone = true;
                }
            }
            case WORTHLESS -> {}
        }
        return !gone;
    }

    /** Whether a newcomer may have this publisher's place. In the gate: never blocks. */
    boolean yields(long nowNs) {
        // Up to the last look: a tick that is late must not make a live publisher a silent one.
        if (gone || lastLookNs - lastArrivalNs >= LOST.toNanos()) {
            return true;
        }
        if (trust != Trust.BELIEVED || nowNs - nextChallengeNs < 0) {
            return false;
        }
        nextChallengeNs = nowNs + CHALLENGE_PAUSE.toNanos();
        return PublisherProbe.refusedAtOnce(publisher);
    }

    /** Looks no more and gives the probe's socket back. Any thread. */
    synchronized void close() {
        closed = true;
        forgetProbe();
    }

    private void forgetProbe() {
        if (probe != null) {
            try {
                probe.close();
            } catch (IOException e) {
                // There is nothing in it that could be lost.
            }
            probe = null;
        }
    }

    private void tryOut(long nowNs, boolean suspect) {
        if (suspect) {
            // Is it gone or does it refuse? Decided when it sends again.
            return;
        }
        if (refused()) {
            trust = Trust.WORTHLESS;
            forgetProbe();
        } else if (nowNs - beganNs >= TRIAL.toNanos()) {
            trust = Trust.BELIEVED;
            forgetProbe();
        }
    }

    private boolean refused() {
        try {
            if (probe == null) {
                probe = new PublisherProbe(publisher);
            }
            return probe.refused();
        } catch (IOException e) {
            // No way to ask, for instance because there are no descriptors left: the silence
            // decides.
            return false;
        }
    }
}
