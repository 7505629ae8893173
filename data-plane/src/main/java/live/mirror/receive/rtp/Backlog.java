package live.mirror.receive.rtp;

import java.nio.ByteBuffer;

/**
 * Datagrams that have come while their session's claim is being decided. Grows by doubling up to
 * its bound; what comes beyond it is dropped and counted, and the session finds it missing by its
 * sequence numbers. Belongs to the tick thread; holds no memory before the first datagram and after
 * the last.
 *
 * <pre>
 *  arrival (8 bytes)  length (4)  channel (1)  leg (1)  the datagram
 * </pre>
 */
final class Backlog {

    private static final int HEADER_BYTES = 14;
    private static final int FIRST_BYTES = 1 << 14;
    private static final byte[] NOTHING = {};

    private final int maxBytes;
    private byte[] memory = NOTHING;
    private ByteBuffer kept = ByteBuffer.wrap(memory);

    /** Takes datagrams out of a backlog. */
    interface Reader {
        /** One datagram; its bytes are valid during the call. */
        void datagram(
                byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs);
    }

    /** An empty backlog that grows up to this many bytes. */
    Backlog(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** Keeps a copy of a datagram; answers whether there was room. */
    boolean add(byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs) {
        if (!makeRoom(HEADER_BYTES + length)) {
            return false;
        }
        kept.putLong(arrivalNs).putInt(length).put(channel.code()).put((byte) leg);
        kept.put(bytes, offset, length);
        return true;
    }

    /** Hands out everything in the order of its coming, and lets go of the memory. */
    void drain(Reader reader) {
        byte[] bytes = memory;
        ByteBuffer all = kept.flip();
        memory = NOTHING;
        kept = ByteBuffer.wrap(memory);
        while (all.hasRemaining()) {
            long arrivalNs = all.getLong();
            int length = all.getInt();
            Channel channel = Channel.of(all.get());
            int leg = all.get();
            int offset = all.position();
            all.position(offset + length);
            reader.datagram(bytes, offset, length, channel, leg, arrivalNs);
        }
    }

    private boolean makeRoom(int bytes) {
        if (kept.remaining() >= bytes) {
            return true;
        }
        int wanted = Math.max(FIRST_BYTES, 2 * kept.capacity());
        while (wanted - kept.position() < bytes) {
            wanted *= 2;
        }
        if (wanted > maxBytes) {
            return false;
        }
        memory = new byte[wanted];
        kept = ByteBuffer.wrap(memory).put(kept.flip());
        return true;
    }
}
