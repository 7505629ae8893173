package live.mirror.inspect;

import static live.mirror.inspect.TsPacket.unsignedByte;

import java.lang.foreign.MemorySegment;

/**
 * Looks where a picture begins whether a decoder can start with it. The search ends with the first
 * parameter set or slice, however long the messages before it are, and is given up after {@value
 * #MAX_PACKETS} transport packets. The writer's thread.
 */
final class PictureSearch {

    private static final int MAX_PACKETS = 16;

    /** Any four bytes that are no start code. */
    private static final int NOTHING = -1;

    private int lastFourBytes = NOTHING;
    private int packetsLeft;

    /** A PES packet begins. */
    void begin() {
        lastFourBytes = NOTHING;
        packetsLeft = MAX_PACKETS;
    }

    /** It is known already. */
    void end() {
        packetsLeft = 0;
    }

    /** Goes on in a transport packet's payload; returns whether it was found there. */
    boolean find(MemorySegment memory, long from, long end, StreamType type) {
        if (packetsLeft == 0) {
            return false;
        }
        packetsLeft--;
        for (long i = from; i < end; i++) {
            lastFourBytes = lastFourBytes << 8 | unsignedByte(memory, i);
            // 00 00 01, and the byte that says what begins.
            if (lastFourBytes >>> 8 == 1) {
                int what = lastFourBytes & 0xff;
                boolean found = type.beginsRandomAccess(what);
                if (found || type.beginsPicture(what)) {
                    end();
                    return found;
                }
            }
        }
        return false;
    }
}
