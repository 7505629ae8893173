package live.mirror.receive.rtp;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** What the calling thread may do beyond others (capabilities(7)). */
@SuppressWarnings("SameNameButDifferent") // The names are the C library's.
final class Capabilities {

    private static final int VERSION_3 = 0x2008_0522;
    private static final int CAP_NET_ADMIN = 12;

    static {
        Native.register(Capabilities.class, "c");
    }

    private Capabilities() {}

    /** The calling thread can't exceed net.core.rmem_max any more. */
    static void dropNetAdmin() {
        try (Memory memory = new Memory(32)) {
            // The header: version and thread, 0 is this one; then effective, permitted and
            // inheritable bits, twice.
            memory.clear();
            memory.setInt(0, VERSION_3);
            long header = Pointer.nativeValue(memory);
            capget(header, header + 8);
            memory.setInt(8, memory.getInt(8) & ~(1 << CAP_NET_ADMIN));
            capset(header, header + 8);
        }
    }

    private static native int capget(long header, long data) throws LastErrorException;

    private static native int capset(long header, long data) throws LastErrorException;
}
