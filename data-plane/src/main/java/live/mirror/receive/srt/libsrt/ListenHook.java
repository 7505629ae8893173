package live.mirror.receive.srt.libsrt;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

import live.mirror.receive.srt.SrtGate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * {@code srt_listen_callback_fn}: called by libsrt in the listener's receive thread for each
 * handshake, before the key is looked at and before anything is allocated for the caller. Whoever
 * makes one keeps it as long as libsrt may call it.
 */
final class ListenHook implements Callback {

    private static final int PASS = 0;
    private static final int REFUSE = -1;

    /**
     * Enough to have the path compiled: a cold first call takes milliseconds, in which no stream of
     * the port is read.
     */
    private static final int REHEARSALS = 2_000;

    private final SrtGate gate;
    private final LibSrtHandshake handshake = new LibSrtHandshake();

    ListenHook(SrtGate gate) {
        this.gate = gate;
        // Detached after each call: a thread that stays attached hangs the process's end for ever.
        Native.setCallbackThreadInitializer(
                this, new CallbackThreadInitializer(true, true, "srt-receive"));
    }

    /** The hook as C calls it; the name is JNA's. */
    @SuppressWarnings("unused") // Called by native code.
    public int callback(long opaque, int socket, int handshakeVersion, long peer, long streamId) {
        // What leaves this method as an exception JNA turns into 0, and 0 means: accepted, without
        // a passphrase.
        try {
            handshake.fill(socket, peer, streamId);
            int refusal = gate.decide(handshake);
            if (refusal == PASS) {
                return PASS;
            }
            SrtNatives.srt_setrejectreason(socket, refusal);
            return REFUSE;
        } catch (Throwable e) {
            return REFUSE;
        }
    }

    /** The address that libsrt calls. */
    long address() {
        return Pointer.nativeValue(CallbackReference.getFunctionPointer(this));
    }

    /** Runs the gate from C before the first caller does. */
    void rehearse() {
        Function self = Function.getFunction(new Pointer(address()));
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment peer = arena.allocate(SocketAddresses.MAX_BYTES, 8);
            SocketAddresses.write(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), peer);
            byte[] text = "#!::r=rehearsal,m=publish\0".getBytes(StandardCharsets.US_ASCII);
            MemorySegment streamId =
                    arena.allocate(text.length).copyFrom(MemorySegment.ofArray(text));
            for (int i = 0; i < REHEARSALS; i++) {
                Object[] arguments = {
                    0L, SrtNatives.INVALID_SOCKET, 5, peer.address(), streamId.address()
                };
                self.invokeInt(arguments);
            }
        }
    }
}
