package live.mirror.receive.srt.libsrt;

import com.sun.jna.Callback;
import com.sun.jna.CallbackReference;
import com.sun.jna.CallbackThreadInitializer;
import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

import live.mirror.receive.srt.SrtException;
import live.mirror.receive.srt.SrtGate;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;

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
    private static final int REHEARSALS = 2_800;

    private static final int NEW_THREADS = 50;
    private static final int HANDSHAKE_VERSION = 5;

    /** Detached after each call: a thread that stays attached hangs the process's end for ever. */
    private static final CallbackThreadInitializer RECEIVE_THREAD =
            new CallbackThreadInitializer(true, true, "srt-receive");

    private final SrtGate gate;
    private final LibSrtHandshake handshake = new LibSrtHandshake();

    ListenHook(SrtGate gate) {
        this.gate = gate;
        Native.setCallbackThreadInitializer(this, RECEIVE_THREAD);
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

    /**
     * Runs the gate before the first caller does, from C and in threads that are as new to Java as
     * libsrt's receive thread.
     */
    void rehearse() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment peer = arena.allocate(SocketAddresses.MAX_BYTES, 8);
            SocketAddresses.write(new InetSocketAddress(InetAddress.getLoopbackAddress(), 1), peer);
            long[] streamIds =
                    gate.rehearsals().stream()
                            .mapToLong(text -> arena.allocateFrom(text).address())
                            .toArray();
            Function self = Function.getFunction(new Pointer(address()));
            for (int i = 0; i < REHEARSALS; i++) {
                Object[] arguments = {
                    0L,
                    SrtNatives.INVALID_SOCKET,
                    HANDSHAKE_VERSION,
                    peer.address(),
                    streamIds[i % streamIds.length]
                };
                self.invokeInt(arguments);
            }
            NewThread rehearsal = new NewThread(peer.address(), streamIds[0]);
            Native.setCallbackThreadInitializer(rehearsal, RECEIVE_THREAD);
            rehearsal.run(arena.allocate(Long.BYTES, Long.BYTES));
        }
    }

    /** A {@code void *(*)(void *)} that asks the gate once. */
    final class NewThread implements Callback {

        private final long peer;
        private final long streamId;

        NewThread(long peer, long streamId) {
            this.peer = peer;
            this.streamId = streamId;
        }

        /** The name is JNA's. */
        @SuppressWarnings("unused") // Called by native code.
        public long callback(long argument) {
            return ListenHook.this.callback(
                    argument, SrtNatives.INVALID_SOCKET, HANDSHAKE_VERSION, peer, streamId);
        }

        /** Runs it in some threads one after another. */
        void run(MemorySegment thread) {
            long routine = Pointer.nativeValue(CallbackReference.getFunctionPointer(this));
            for (int i = 0; i < NEW_THREADS; i++) {
                if (LinuxNatives.pthread_create(thread.address(), 0, routine, 0) != 0) {
                    throw new SrtException("no thread could be started for the rehearsal");
                }
                LinuxNatives.pthread_join(thread.get(ValueLayout.JAVA_LONG, 0), 0);
            }
        }
    }
}
