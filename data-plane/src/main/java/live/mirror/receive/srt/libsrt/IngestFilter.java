package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A classic BPF program that lets pass what a port needs on which media only comes in, and drops
 * the rest in the kernel, before libsrt's receive thread sees it: an accepted peer's random drop
 * requests or ACKs can keep that thread busy for seconds or for good. Never for a socket from which
 * media is sent: it drops the ACKs and NAKs that senders live on.
 *
 * <pre>
 *   SRT packet behind the UDP header (8 bytes):
 *     0  1 bit control, 31 bits sequence number   |  control: 15 bits type, 16 bits subtype
 *     4  message number                           |  type-specific
 *     8  timestamp
 *    12  destination socket
 *    16  payload
 * </pre>
 *
 * Let pass: data with 1 to 1,456 bytes; handshakes of up to 1,500 bytes; keep-alives, shutdowns,
 * acknowledgements of our ACKs with their fixed size; drop requests whose range is forward and at
 * most {@link #MAX_DROP_RANGE} packets long; and of the user-defined types only the key refresh.
 */
final class IngestFilter {

    /**
     * Honest senders give up a message, a packet, or what was lost in a burst; each packet costs a
     * step in libsrt's loop.
     */
    static final int MAX_DROP_RANGE = 4_096;

    /** A handshake's flow window sizes an allocation at our side: 24 bytes each. */
    static final int MAX_FLOW_WINDOW = 204_800;

    private static final int MIN_MTU = 256;

    /** SKF_NET_OFF: offsets from here on count from the IP header. */
    private static final int IP_HEADER = -0x10_0000;

    private static final int IP_V4 = 0x40;
    private static final int IP_V6 = 0x60;

    // Offsets and lengths from the UDP header on, which the kernel shows to the program as well.
    private static final int UDP_HEADER = 8;
    private static final int TYPE = UDP_HEADER;
    private static final int CONTENT = UDP_HEADER + 16;
    private static final int HANDSHAKE_MTU = CONTENT + 12;
    private static final int HANDSHAKE_FLOW_WINDOW = CONTENT + 16;
    private static final int MIN_HANDSHAKE = CONTENT + 48;
    private static final int MAX_DATAGRAM = UDP_HEADER + 1_472;
    private static final int MAX_SHORT = CONTENT + 8;
    private static final int MAX_KEY_REQUEST = CONTENT + 256;

    // Control types (draft-sharabayko-srt, section 3.2), with the control bit in front.
    private static final int CONTROL = 0x8000;
    private static final int HANDSHAKE = 0x8000;
    private static final int KEEP_ALIVE = 0x8001;
    private static final int SHUTDOWN = 0x8005;
    private static final int ACK_OF_ACK = 0x8006;
    private static final int DROP_REQUEST = 0x8007;
    private static final int USER_DEFINED = 0xffff;
    private static final int KEY_REQUEST = 0xffff_0003;

    // Linux's classic BPF (linux/filter.h).
    private static final int LOAD_WORD = 0x20;
    private static final int LOAD_HALF = 0x28;
    private static final int LOAD_BYTE = 0x30;
    private static final int LOAD_LENGTH = 0x80;
    private static final int COPY_TO_X = 0x07;
    private static final int SUBTRACT_X = 0x1c;
    private static final int AND = 0x54;
    private static final int IF_EQUAL = 0x15;
    private static final int IF_GREATER = 0x25;
    private static final int IF_AT_LEAST = 0x35;
    private static final int RETURN = 0x06;
    private static final int WHOLE = 0x7fff_ffff;

    private final List<Instruction> instructions = new ArrayList<>();

    /** {@code struct sock_filter}: code 16 bits, jumps 8 bits each, operand 32 bits. */
    private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

    private IngestFilter(Set<InetAddress> shutOut) {
        load(LOAD_HALF, TYPE);
        // Each block ends in a verdict, so "else skip it" is all the control flow there is.
        unless(
                IF_AT_LEAST,
                CONTROL,
                () -> {
                    requireLength(CONTENT + 1, MAX_DATAGRAM);
                    verdict(WHOLE);
                });
        when(
                HANDSHAKE,
                () -> {
                    drop(shutOut);
                    requireLength(MIN_HANDSHAKE, MAX_DATAGRAM);
                    load(LOAD_WORD, HANDSHAKE_FLOW_WINDOW);
                    require(IF_GREATER, MAX_FLOW_WINDOW, false);
                    load(LOAD_WORD, HANDSHAKE_MTU);
                    require(IF_AT_LEAST, MIN_MTU, true);
                    verdict(WHOLE);
                });
        for (int type : new int[] {ACK_OF_ACK, KEEP_ALIVE, SHUTDOWN}) {
            when(
                    type,
                    () -> {
                        requireLength(CONTENT, MAX_SHORT);
                        verdict(WHOLE);
                    });
        }
        when(
                DROP_REQUEST,
                () -> {
                    requireLength(CONTENT + 8, CONTENT + 8);
                    load(LOAD_WORD, CONTENT);
                    add(COPY_TO_X, 0, 0, 0);
                    load(LOAD_WORD, CONTENT + 4);
                    add(SUBTRACT_X, 0, 0, 0);
                    // Sequence numbers have 31 bits and wrap.
                    add(AND, 0, 0, 0x7fff_ffff);
                    require(IF_GREATER, MAX_DROP_RANGE, false);
                    verdict(WHOLE);
                });
        when(
                USER_DEFINED,
                () -> {
                    load(LOAD_WORD, TYPE);
                    require(IF_EQUAL, KEY_REQUEST, true);
                    requireLength(CONTENT + 16, MAX_KEY_REQUEST);
                    verdict(WHOLE);
                });
        verdict(0);
    }

    /**
     * Puts the filter on a UDP socket, in place of the one before if there was one.
     *
     * @param shutOut whose handshakes are dropped; some dozens at most
     */
    static void attach(int descriptor, Set<InetAddress> shutOut) {
        List<Instruction> program = new IngestFilter(shutOut).instructions;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment code = arena.allocate(program.size() * 8L, 8);
            for (int i = 0; i < program.size(); i++) {
                Instruction each = program.get(i);
                code.set(ValueLayout.JAVA_SHORT, i * 8L, (short) each.code());
                code.set(ValueLayout.JAVA_BYTE, i * 8L + 2, (byte) each.ifTrue());
                code.set(ValueLayout.JAVA_BYTE, i * 8L + 3, (byte) each.ifFalse());
                code.set(ValueLayout.JAVA_INT, i * 8L + 4, each.operand());
            }
            // struct sock_fprog: length 0 (16 bits), pointer 8.
            MemorySegment header = arena.allocate(16, 8);
            header.set(ValueLayout.JAVA_SHORT, 0, (short) program.size());
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

    /** IPv6 sources are known by their first 64 bits: a subscriber line has all of them. */
    private void drop(Set<InetAddress> sources) {
        if (sources.isEmpty()) {
            return;
        }
        loadIpVersion();
        when(
                IP_V4,
                () -> {
                    load(LOAD_WORD, IP_HEADER + 12);
                    for (InetAddress source : sources) {
                        if (source instanceof Inet4Address) {
                            when(word(source, 0), () -> verdict(0));
                        }
                    }
                });
        loadIpVersion();
        when(
                IP_V6,
                () -> {
                    for (InetAddress source : sources) {
                        if (source instanceof Inet6Address) {
                            load(LOAD_WORD, IP_HEADER + 8);
                            when(
                                    word(source, 0),
                                    () -> {
                                        load(LOAD_WORD, IP_HEADER + 12);
                                        when(word(source, 4), () -> verdict(0));
                                    });
                        }
                    }
                });
    }

    private void loadIpVersion() {
        load(LOAD_BYTE, IP_HEADER);
        add(AND, 0, 0, 0xf0);
    }

    private static int word(InetAddress address, int at) {
        return ByteBuffer.wrap(address.getAddress()).getInt(at);
    }

    private void load(int code, int offset) {
        add(code, 0, 0, offset);
    }

    private void verdict(int bytes) {
        add(RETURN, 0, 0, bytes);
    }

    /** Drops what does not fit. */
    private void require(int comparison, int operand, boolean expected) {
        add(comparison, expected ? 1 : 0, expected ? 0 : 1, operand);
        verdict(0);
    }

    private void requireLength(int min, int max) {
        add(LOAD_LENGTH, 0, 0, 0);
        require(IF_AT_LEAST, min, true);
        require(IF_GREATER, max, false);
    }

    /** Runs the block when what was loaded last is this. */
    private void when(int type, Runnable block) {
        skip(IF_EQUAL, type, true, block);
    }

    /** Runs the block when the comparison fails. */
    private void unless(int comparison, int operand, Runnable block) {
        skip(comparison, operand, false, block);
    }

    private void skip(int comparison, int operand, boolean runIf, Runnable block) {
        int at = instructions.size();
        add(comparison, 0, 0, operand);
        block.run();
        int length = instructions.size() - at - 1;
        instructions.set(
                at, new Instruction(comparison, runIf ? 0 : length, runIf ? length : 0, operand));
    }

    private void add(int code, int ifTrue, int ifFalse, int operand) {
        instructions.add(new Instruction(code, ifTrue, ifFalse, operand));
    }
}
