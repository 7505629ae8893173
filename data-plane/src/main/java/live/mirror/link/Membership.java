package live.mirror.link;

import live.mirror.v1.Room;

import org.jspecify.annotations.Nullable;

import java.time.Duration;

/**
 * What the worker knows of its place in the cluster. Written by the link's threads, read by the
 * gate, which runs in libsrt's receive thread: so every field is published by itself, and nothing
 * here blocks but the grant's short lock.
 */
final class Membership {

    /** Until a control plane says otherwise. */
    private static final Duration DEFAULT_WINDOW = Duration.ofSeconds(30);

    private final LocalGrant grant = new LocalGrant();
    private volatile @Nullable LinkSession session;
    private volatile Room room = Room.getDefaultInstance();
    private volatile Duration reconnectWindow = DEFAULT_WINDOW;
    private volatile long workerEpoch;
    private volatile boolean leaving;
    private volatile boolean drained;

    /** The registration that stands, or none. */
    @Nullable LinkSession session() {
        return session;
    }

    void session(@Nullable LinkSession standing) {
        session = standing;
    }

    Room room() {
        return room;
    }

    void room(Room latest) {
        room = latest;
    }

    /** What this worker may admit alone. */
    LocalGrant grant() {
        return grant;
    }

    /** The window of streams that this worker admits alone. */
    Duration reconnectWindow() {
        return reconnectWindow;
    }

    void reconnectWindow(Duration window) {
        reconnectWindow = window;
    }

    /** From the last registration of this process; 0 before the first. */
    long workerEpoch() {
        return workerEpoch;
    }

    void workerEpoch(long epoch) {
        workerEpoch = epoch;
    }

    /** The process is about to end. */
    void leave() {
        leaving = true;
    }

    /** An operator takes the worker out of service, or puts it back. */
    void drained(boolean now) {
        drained = now;
    }

    /** Whether the process is about to end. */
    boolean leaving() {
        return leaving;
    }

    /** Whether an operator took the worker out of service. */
    boolean drained() {
        return drained;
    }

    /** Whether the worker takes nothing new. */
    boolean draining() {
        return leaving || drained;
    }
}
