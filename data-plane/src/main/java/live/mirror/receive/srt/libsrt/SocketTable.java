package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtTransport.Reader;

import org.jspecify.annotations.Nullable;

import java.util.Arrays;

/**
 * Finds what to run for a libsrt socket without boxing its number: an open hash with linear
 * probing. The polling thread's own.
 */
final class SocketTable {

    private int[] sockets = new int[64];
    private @Nullable Reader[] actions = new Reader[64];
    private int size;

    void put(int socket, Reader action) {
        if (size * 2 >= sockets.length) {
            grow();
        }
        int slot = find(socket);
        if (actions[slot] == null) {
            size++;
        }
        sockets[slot] = socket;
        actions[slot] = action;
    }

    /**
     * Runs what was put for the socket and answers what it answers; no for one that is not there.
     */
    boolean run(int socket) {
        Reader action = actions[find(socket)];
        return action != null && action.read();
    }

    void remove(int socket) {
        int hole = find(socket);
        if (actions[hole] == null) {
            return;
        }
        actions[hole] = null;
        size--;
        // What was displaced past the hole moves up, so that no search ends at the hole too early.
        for (int slot = next(hole); actions[slot] != null; slot = next(slot)) {
            Reader action = actions[slot];
            actions[slot] = null;
            int home = find(sockets[slot]);
            sockets[home] = sockets[slot];
            actions[home] = action;
        }
    }

    int size() {
        return size;
    }

    /** Where the socket stands, or the free slot where it would. */
    private int find(int socket) {
        int slot = ((socket * 0x9E3779B9) >>> 1) & (sockets.length - 1);
        while (actions[slot] != null && sockets[slot] != socket) {
            slot = next(slot);
        }
        return slot;
    }

    private int next(int slot) {
        return (slot + 1) & (sockets.length - 1);
    }

    private void grow() {
        int[] oldSockets = sockets;
        @Nullable Reader[] oldActions = actions;
        sockets = new int[oldSockets.length * 2];
        actions = Arrays.copyOf(new Reader[0], oldSockets.length * 2);
        size = 0;
        for (int i = 0; i < oldSockets.length; i++) {
            Reader action = oldActions[i];
            if (action != null) {
                put(oldSockets[i], action);
            }
        }
    }
}
