package live.mirror.receive.rtp;

import live.mirror.receive.udp.UdpSocket;

import java.util.List;

/**
 * Reads several sockets as if they were one, in the order of arrival: legs that complete each other
 * and parity that belongs to media must not be read one after another when a late tick finds much
 * in each. Belongs to the tick thread.
 */
final class ArrivalOrder {

    private static final long NONE = Long.MAX_VALUE;
    private static final int NOBODY = -1;

    private final List<Endpoint> endpoints;
    private final WallClock clock;

    // Of each socket: the batch that was read, its message that is next, and when that arrived.
    private final int[] count;
    private final int[] next;
    private final long[] arrivalNs;
    private final int[] batches;
    private int current = NOBODY;
    private long nowNs;

    ArrivalOrder(List<Endpoint> endpoints, WallClock clock) {
        this.endpoints = endpoints;
        this.clock = clock;
        count = new int[endpoints.size()];
        next = new int[endpoints.size()];
        arrivalNs = new long[endpoints.size()];
        batches = new int[endpoints.size()];
    }

    /** Begins to read what is there. */
    void begin(long tickNs) {
        nowNs = tickNs;
        current = NOBODY;
        for (int e = 0; e < count.length; e++) {
            batches[e] = 0;
            read(e);
        }
    }

    /** Moves on to the next datagram; answers whether there is one. */
    boolean advance() {
        if (current != NOBODY) {
            stepOver(current);
        }
        current = NOBODY;
        long earliest = NONE;
        for (int e = 0; e < count.length; e++) {
            if (arrivalNs[e] < earliest) {
                earliest = arrivalNs[e];
                current = e;
            }
        }
        return current != NOBODY;
    }

    /** The socket of the datagram. */
    Endpoint endpoint() {
        return endpoints.get(current);
    }

    /** Its index in that socket's batch. */
    int index() {
        return next[current];
    }

    /** When it arrived. */
    long arrivalNs() {
        return arrivalNs[current];
    }

    private void stepOver(int e) {
        next[e]++;
        if (next[e] < count[e]) {
            look(e);
        } else if (count[e] == UdpSocket.BATCH && batches[e] < Input.MAX_BATCHES) {
            read(e);
        } else {
            arrivalNs[e] = NONE;
        }
    }

    private void read(int e) {
        batches[e]++;
        next[e] = 0;
        count[e] = endpoints.get(e).socket().receive();
        if (count[e] > 0) {
            look(e);
        } else {
            arrivalNs[e] = NONE;
        }
    }

    private void look(int e) {
        arrivalNs[e] = clock.monotonic(endpoints.get(e).socket().takeArrivalNs(next[e]), nowNs);
    }
}
