package live.mirror.inspect;

import java.lang.foreign.MemorySegment;

/**
 * The beginning of a transport packet whose end comes with the next payload. The writer's thread.
 */
final class PacketCarry {

    private final MemorySegment segment = MemorySegment.ofArray(new byte[TsPacket.BYTES]);
    private int length;

    boolean isEmpty() {
        return length == 0;
    }

    boolean isFull() {
        return length == TsPacket.BYTES;
    }

    MemorySegment segment() {
        return segment;
    }

    /** Takes what is missing, as far as it is there; returns how many bytes. */
    int fill(MemorySegment memory, long from, long end) {
        int bytes = (int) Math.min(TsPacket.BYTES - length, end - from);
        MemorySegment.copy(memory, from, segment, length, bytes);
        length += bytes;
        return bytes;
    }

    void clear() {
        length = 0;
    }
}
