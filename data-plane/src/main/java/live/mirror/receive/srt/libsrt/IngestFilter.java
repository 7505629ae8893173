package live.mirror.receive.srt.libsrt;

import static live.mirror.receive.srt.libsrt.BpfProgram.ADD;
import static live.mirror.receive.srt.libsrt.BpfProgram.ADD_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.AND;
import static live.mirror.receive.srt.libsrt.BpfProgram.COPY_TO_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.IF_ANY_BIT;
import static live.mirror.receive.srt.libsrt.BpfProgram.IF_AT_LEAST;
import static live.mirror.receive.srt.libsrt.BpfProgram.IF_AT_LEAST_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.IF_EQUAL;
import static live.mirror.receive.srt.libsrt.BpfProgram.IF_GREATER;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_BYTE;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_CONSTANT;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_HALF;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_HALF_AT_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_LENGTH;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_WORD;
import static live.mirror.receive.srt.libsrt.BpfProgram.LOAD_WORD_AT_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.OR_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.RECALL;
import static live.mirror.receive.srt.libsrt.BpfProgram.SHIFT_LEFT;
import static live.mirror.receive.srt.libsrt.BpfProgram.STORE;
import static live.mirror.receive.srt.libsrt.BpfProgram.SUBTRACT;
import static live.mirror.receive.srt.libsrt.BpfProgram.SUBTRACT_X;
import static live.mirror.receive.srt.libsrt.BpfProgram.XOR;
import static live.mirror.receive.srt.libsrt.BpfProgram.X_CONSTANT;

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
 * Let pass: data with 1 to 1,456 bytes; handshakes of up to 1,500 bytes that ask for no more than
 * an encoder needs; keep-alives, shutdowns, acknowledgements of our ACKs with their fixed size;
 * drop requests whose range is forward and at most {@link #MAX_DROP_RANGE} packets long; and of the
 * user-defined types only the key refresh.
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

    // What a handshake says of a packet filter (FEC) libsrt makes in the receive thread, without a
    // bound (fec.cpp): 999,999 columns cost 2.5 GB and three seconds. Figures of three digits cost
    // 5 MB and some milliseconds at most.
    private static final int EXTENSION_FILTER = 7;
    private static final int EXTENSION_HEADER = 4;

    /** Each of the six kinds comes once (draft-sharabayko-srt, section 3.2.1). */
    private static final int MAX_EXTENSIONS = 6;

    /** {@code fec,cols:999,rows:-999,layout:staircase,arq:always} has 50 characters. */
    private static final int MAX_FILTER_WORDS = 13;

    private static final int WORDS_SLOT = MAX_FILTER_WORDS;

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

    private final BpfProgram program = new BpfProgram();

    private IngestFilter(Set<InetAddress> shutOut) {
        program.add(LOAD_HALF, TYPE);
        // Each block ends in a verdict, so "else skip it" is most of the control flow there is.
        program.unless(IF_AT_LEAST, CONTROL, () -> passOf(CONTENT + 1, MAX_DATAGRAM));
        for (int type : new int[] {ACK_OF_ACK, KEEP_ALIVE, SHUTDOWN}) {
            program.when(type, () -> passOf(CONTENT, MAX_SHORT));
        }
        program.when(DROP_REQUEST, this::dropRequest);
        program.when(
                USER_DEFINED,
                () -> {
                    program.add(LOAD_WORD, TYPE);
                    program.require(IF_EQUAL, KEY_REQUEST, true);
                    passOf(CONTENT + 16, MAX_KEY_REQUEST);
                });
        program.require(IF_EQUAL, HANDSHAKE, true);
        drop(shutOut);
        requireLength(MIN_HANDSHAKE, MAX_DATAGRAM);
        program.add(LOAD_WORD, HANDSHAKE_FLOW_WINDOW);
        program.require(IF_GREATER, MAX_FLOW_WINDOW, false);
        program.add(LOAD_WORD, HANDSHAKE_MTU);
        program.require(IF_AT_LEAST, MIN_MTU, true);
        findPacketFilter();
        readPacketFilter();
        requireShortFigures();
        program.pass();
    }

    /**
     * Puts the filter on a UDP socket, in place of the one before if there was one.
     *
     * @param shutOut whose handshakes are dropped; some dozens at most
     */
    static void attach(int descriptor, Set<InetAddress> shutOut) {
        new IngestFilter(shutOut).program.attach(descriptor);
    }

    private void dropRequest() {
        requireLength(CONTENT + 8, CONTENT + 8);
        program.add(LOAD_WORD, CONTENT);
        program.add(COPY_TO_X);
        program.add(LOAD_WORD, CONTENT + 4);
        program.add(SUBTRACT_X);
        // Sequence numbers have 31 bits and wrap.
        program.add(AND, 0x7fff_ffff);
        program.require(IF_GREATER, MAX_DROP_RANGE, false);
        program.pass();
    }

    /**
     * Follows the handshake's extensions, each with its type and its length in words in front. A
     * handshake without a packet filter passes; else X is where that extension begins.
     */
    private void findPacketFilter() {
        List<Integer> found = new ArrayList<>();
        program.add(X_CONSTANT, MIN_HANDSHAKE);
        for (int i = 0; i < MAX_EXTENSIONS; i++) {
            program.add(LOAD_LENGTH);
            program.add(SUBTRACT, EXTENSION_HEADER);
            program.unless(IF_AT_LEAST_X, 0, program::pass);
            program.add(LOAD_HALF_AT_X, 0);
            program.when(EXTENSION_FILTER, () -> found.add(program.jump()));
            program.add(LOAD_HALF_AT_X, 2);
            program.add(SHIFT_LEFT, 2);
            program.add(ADD, EXTENSION_HEADER);
            program.add(ADD_X);
            program.add(COPY_TO_X);
        }
        program.drop();
        found.forEach(program::land);
    }

    /**
     * Notes the configuration's words: a byte of zero where a character is a digit, something else
     * where it is not. The first character is the lowest byte.
     */
    private void readPacketFilter() {
        program.add(LOAD_CONSTANT, 0x0101_0101);
        for (int slot = 0; slot < MAX_FILTER_WORDS; slot++) {
            program.add(STORE, slot);
        }
        program.add(LOAD_HALF_AT_X, 2);
        program.require(IF_GREATER, MAX_FILTER_WORDS, false);
        program.add(STORE, WORDS_SLOT);
        List<Integer> ends = new ArrayList<>();
        for (int slot = 0; slot < MAX_FILTER_WORDS; slot++) {
            program.add(RECALL, WORDS_SLOT);
            program.unless(IF_AT_LEAST, slot + 1, () -> ends.add(program.jump()));
            program.add(LOAD_WORD_AT_X, EXTENSION_HEADER + slot * Integer.BYTES);
            program.add(STORE, slot);
        }
        ends.forEach(program::land);
        for (int slot = 0; slot < MAX_FILTER_WORDS; slot++) {
            // '0' to '9' are 0x30 to 0x39: their upper half is 3, also with 6 added.
            program.add(RECALL, slot);
            program.add(AND, 0xf0f0_f0f0);
            program.add(XOR, 0x3030_3030);
            program.add(COPY_TO_X);
            program.add(RECALL, slot);
            program.add(ADD, 0x0606_0606);
            program.add(AND, 0xf0f0_f0f0);
            program.add(XOR, 0x3030_3030);
            program.add(OR_X);
            program.add(STORE, slot);
        }
    }

    /** Drops what has four digits in a row, within a word or from one to the next. */
    private void requireShortFigures() {
        for (int word = 0; word < MAX_FILTER_WORDS; word++) {
            int slot = word;
            program.add(RECALL, slot);
            program.require(IF_EQUAL, 0, false);
            if (slot + 1 < MAX_FILTER_WORDS) {
                for (int lower : new int[] {0xff, 0xffff, 0xff_ffff}) {
                    program.add(RECALL, slot);
                    program.unless(IF_GREATER, lower, () -> requireAnyBit(slot + 1, lower));
                }
            }
        }
    }

    private void requireAnyBit(int slot, int mask) {
        program.add(RECALL, slot);
        program.require(IF_ANY_BIT, mask, true);
    }

    /** IPv6 sources are known by their first 64 bits: a subscriber line has all of them. */
    private void drop(Set<InetAddress> sources) {
        if (sources.isEmpty()) {
            return;
        }
        loadIpVersion();
        program.when(
                IP_V4,
                () -> {
                    program.add(LOAD_WORD, IP_HEADER + 12);
                    for (InetAddress source : sources) {
                        if (source instanceof Inet4Address) {
                            program.when(word(source, 0), program::drop);
                        }
                    }
                });
        loadIpVersion();
        program.when(
                IP_V6,
                () -> {
                    for (int half = 0; half < 2; half++) {
                        program.add(LOAD_WORD, IP_HEADER + 8 + half * Integer.BYTES);
                        program.add(STORE, half);
                    }
                    for (InetAddress source : sources) {
                        if (source instanceof Inet6Address) {
                            program.add(RECALL, 0);
                            program.when(
                                    word(source, 0),
                                    () -> {
                                        program.add(RECALL, 1);
                                        program.when(word(source, 4), program::drop);
                                    });
                        }
                    }
                });
    }

    private void loadIpVersion() {
        program.add(LOAD_BYTE, IP_HEADER);
        program.add(AND, 0xf0);
    }

    private static int word(InetAddress address, int at) {
        return ByteBuffer.wrap(address.getAddress()).getInt(at);
    }

    private void passOf(int minLength, int maxLength) {
        requireLength(minLength, maxLength);
        program.pass();
    }

    private void requireLength(int min, int max) {
        program.add(LOAD_LENGTH);
        program.require(IF_AT_LEAST, min, true);
        program.require(IF_GREATER, max, false);
    }
}
