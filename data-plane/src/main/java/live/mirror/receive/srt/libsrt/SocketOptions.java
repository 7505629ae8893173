package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/**
 * Sets and reads options of libsrt sockets through a piece of native memory that is used again and
 * again; for one thread at a time.
 */
final class SocketOptions {

    /** Stream ids may have 512 bytes, the longest of all options. */
    private static final int MAX_VALUE_BYTES = 520;

    private final MemorySegment value;
    private final MemorySegment length;

    SocketOptions(Arena arena) {
        value = arena.allocate(MAX_VALUE_BYTES, 8);
        length = arena.allocate(8, 8);
    }

    /** Sets a number; answers whether libsrt took it. */
    boolean trySet(int socket, int option, int number) {
        value.set(ValueLayout.JAVA_INT, 0, number);
        return SrtNatives.srt_setsockflag(socket, option, value.address(), Integer.BYTES) == 0;
    }

    /** Sets a number. */
    void set(int socket, int option, int number) {
        if (!trySet(socket, option, number)) {
            throw new SrtException(
                    "libsrt refuses "
                            + number
                            + " for option "
                            + option
                            + ": "
                            + LibSrt.lastError());
        }
    }

    /** Sets a number of 64 bits. */
    void set(int socket, int option, long number) {
        value.set(ValueLayout.JAVA_LONG, 0, number);
        if (SrtNatives.srt_setsockflag(socket, option, value.address(), Long.BYTES) != 0) {
            throw new SrtException(
                    "libsrt refuses "
                            + number
                            + " for option "
                            + option
                            + ": "
                            + LibSrt.lastError());
        }
    }

    /** Sets a switch, which libsrt takes as one byte or four. */
    void set(int socket, int option, boolean on) {
        set(socket, option, on ? 1 : 0);
    }

    /** Sets bytes, at most 512 of them; answers whether libsrt took them. */
    boolean trySet(int socket, int option, byte[] bytes) {
        MemorySegment.copy(bytes, 0, value, ValueLayout.JAVA_BYTE, 0, bytes.length);
        return SrtNatives.srt_setsockflag(socket, option, value.address(), bytes.length) == 0;
    }

    /** Sets a text, at most 512 bytes long. */
    void set(int socket, int option, String text) {
        if (!trySet(socket, option, text.getBytes(StandardCharsets.UTF_8))) {
            throw new SrtException(
                    "libsrt refuses a text for option " + option + ": " + LibSrt.lastError());
        }
    }

    /** Reads a number; 0 when libsrt does not tell. */
    int number(int socket, int option) {
        value.set(ValueLayout.JAVA_INT, 0, 0);
        length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
        return SrtNatives.srt_getsockflag(socket, option, value.address(), length.address()) == 0
                ? value.get(ValueLayout.JAVA_INT, 0)
                : 0;
    }

    /** Reads a text; empty when libsrt does not tell. */
    String text(int socket, int option) {
        length.set(ValueLayout.JAVA_INT, 0, MAX_VALUE_BYTES);
        if (SrtNatives.srt_getsockflag(socket, option, value.address(), length.address()) != 0) {
            return "";
        }
        byte[] bytes =
                new byte[Math.clamp(length.get(ValueLayout.JAVA_INT, 0), 0, MAX_VALUE_BYTES)];
        MemorySegment.copy(value, ValueLayout.JAVA_BYTE, 0, bytes, 0, bytes.length);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
