package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * Assembles a program of Linux's classic BPF (linux/filter.h): an accumulator, an index register X,
 * sixteen words of memory, jumps forward only. A load from behind the datagram's end drops it. A
 * socket has room for 20 KiB of translated programs (net.core.optmem_max before Linux 6.8), and
 * during a change both the old and the new one are there.
 */
final class BpfProgram {

    // Into the accumulator: from an offset, from X and an offset on, from memory.
    static final int LOAD_WORD = 0x20;
    static final int LOAD_HALF = 0x28;
    static final int LOAD_BYTE = 0x30;
    static final int LOAD_LENGTH = 0x80;
    static final int LOAD_CONSTANT = 0x00;
    static final int LOAD_WORD_AT_X = 0x40;
    static final int LOAD_HALF_AT_X = 0x48;
    static final int RECALL = 0x60;
    static final int STORE = 0x02;

    static final int X_CONSTANT = 0x01;
    static final int COPY_TO_X = 0x07;

    // With the accumulator.
    static final int ADD = 0x04;
    static final int ADD_X = 0x0c;
    static final int SUBTRACT = 0x14;
    static final int SUBTRACT_X = 0x1c;
    static final int OR_X = 0x4c;
    static final int AND = 0x54;
    static final int XOR = 0xa4;
    static final int SHIFT_LEFT = 0x64;

    // Comparisons of the accumulator, without sign.
    static final int IF_EQUAL = 0x15;
    static final int IF_GREATER = 0x25;
    static final int IF_AT_LEAST = 0x35;
    static final int IF_AT_LEAST_X = 0x3d;
    static final int IF_ANY_BIT = 0x45;

    private static final int JUMP = 0x05;
    private static final int VERDICT = 0x06;
    private static final int WHOLE = 0x7fff_ffff;
    private static final int MAX_CONDITIONAL_JUMP = 255;

    private final List<Instruction> instructions = new ArrayList<>();

    /** {@code struct sock_filter}: code 16 bits, jumps 8 bits each, operand 32 bits. */
    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    /** Adds an instruction without an operand. */
    void add(int code) {
        add(code, 0);
    }

    void add(int code, int operand) {
        instructions.add(new Instruction(code, 0, 0, operand));
    }

    void pass() {
        add(VERDICT, WHOLE);
    }

    void drop() {
        add(VERDICT, 0);
    }

    /** Drops what does not fit. */
    void require(int comparison, int operand, boolean expected) {
        skip(comparison, operand, !expected, this::drop);
    }

    /** Runs the block when the accumulator is this. */
    void when(int value, Runnable block) {
        skip(IF_EQUAL, value, true, block);
    }

    /** Runs the block when the comparison fails. */
    void unless(int comparison, int operand, Runnable block) {
        skip(comparison, operand, false, block);
    }

    /** A jump whose end is not known yet; answers what {@link #land} wants. */
    int jump() {
        add(JUMP);
        return instructions.size() - 1;
    }

    /** That jump ends here. */
    void land(int jump) {
        instructions.set(jump, new Instruction(JUMP, 0, 0, instructions.size() - jump - 1));
    }

    /** Puts the program on a socket, in place of the one before if there was one. */
    void attach(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(instructions.size() * 8L, 8);
            for (int i = 0; i < instructions.size(); i++) {
                Instruction each = instructions.get(i);
                code.set(ValueLayout.JAVA_SHORT, i * 8L, (short) each.code());
                code.set(ValueLayout.JAVA_BYTE, i * 8L + 2, (byte) each.ifTrue());
                code.set(ValueLayout.JAVA_BYTE, i * 8L + 3, (byte) each.ifFalse());
                code.set(ValueLayout.JAVA_INT, i * 8L + 4, each.operand());
            }
            // struct sock_fprog: length 0 (16 bits), pointer 8.
            MemorySegment header = arena.allocate(16, 8);
            header.set(ValueLayout.JAVA_SHORT, 0, (short) instructions.size());
            header.set(ValueLayout.JAVA_LONG, 8, code.address());
            int result =
                    LinuxNatives.setsockopt(
                            descriptor,
                            LinuxNatives.SOL_SOCKET,
                            LinuxNatives.SO_ATTACH_FILTER,
                            header.address(),
                            16);
            if (result != 0) {
                throw new SrtException(
                        "the kernel refuses the packet filter; srt.filter=false goes without it");
            }
        }
    }

    private void skip(int comparison, int operand, boolean runIf, Runnable block) {
        int at = instructions.size();
        add(comparison, operand);
        block.run();
        int length = instructions.size() - at - 1;
        if (length > MAX_CONDITIONAL_JUMP) {
            throw new IllegalStateException("a block of " + length + " instructions");
        }
        instructions.set(
                at, new Instruction(comparison, runIf ? 0 : length, runIf ? length : 0, operand));
    }
}
