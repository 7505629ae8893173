package live.mirror.control.connection;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Writes the names of pseudo-header fields in a header block (RFC 7541, 6) as indexes of the static
 * table. RFC 7541 leaves it to the client, and gRPC's C core (Python, C++) writes them out, which
 * Helidon 4.4.0 answers with GOAWAY. What a block says, and does to the dynamic table, stays the
 * same.
 */
final class PseudoHeaders {

    /** RFC 7541, appendix A: the first index of each. */
    private static final List<String> NAMES =
            List.of(":authority", ":method", "", ":path", "", ":scheme");

    private static final int INDEXED = 0x80;
    private static final int INCREMENTAL = 0x40;
    private static final int SIZE_UPDATE = 0x20;
    private static final int HUFFMAN = 0x80;

    private final byte[] block;
    private final ByteArrayOutputStream written;
    private int at;

    private PseudoHeaders(byte[] block) {
        this.block = block;
        written = new ByteArrayOutputStream(block.length);
    }

    /** The block itself if there is nothing to do, or if it can't be read. */
    static byte[] indexed(byte[] block) {
        PseudoHeaders headers = new PseudoHeaders(block);
        try {
            while (headers.at < block.length) {
                headers.field();
            }
        } catch (IndexOutOfBoundsException e) {
            // For Helidon to refuse.
            return block;
        }
        return headers.written.size() == block.length ? block : headers.written.toByteArray();
    }

    private void field() {
        int begin = at;
        int first = block[at] & 0xff;
        if (first >= INDEXED) {
            number(7);
        } else if (first >= INCREMENTAL) {
            literal(begin, first, number(6));
            return;
        } else if (first >= SIZE_UPDATE) {
            number(5);
        } else {
            literal(begin, first, number(4));
            return;
        }
        written.write(block, begin, at - begin);
    }

    private void literal(int begin, int first, int index) {
        int name = 0;
        if (index == 0) {
            boolean huffman = (block[at] & HUFFMAN) != 0;
            int length = number(7);
            String text = new String(block, at, length, StandardCharsets.ISO_8859_1);
            name = huffman || text.isEmpty() ? 0 : NAMES.indexOf(text) + 1;
            at += length;
        }
        int value = at;
        int length = number(7);
        at = Math.addExact(at, length);
        if (name == 0) {
            written.write(block, begin, at - begin);
        } else {
            written.write(first + name);
            written.write(block, value, at - value);
        }
    }

    /** RFC 7541, 5.1: an integer with a prefix of so many bits. */
    private int number(int prefix) {
        int most = (1 << prefix) - 1;
        int number = block[at++] & most;
        if (number < most) {
            return number;
        }
        for (int shift = 0; shift < 28; shift += 7) {
            int next = block[at++];
            number += (next & 0x7f) << shift;
            if (next >= 0) {
                return number;
            }
        }
        throw new IndexOutOfBoundsException("larger than any block of ours");
    }
}
