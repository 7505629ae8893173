package live.mirror.control.connection;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** What a peer owes by HTTP/2, however its bytes are cut into pieces. */
class Http2ProgressTest {

    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    @Property(tries = 100)
    void aRequestIsOwedUntilItsStreamEnds(@ForAll @IntRange(min = 1, max = 64) int piece) {
        sent.reset();
        sent.writeBytes(new byte[24]);
        frame(4, 0, 0, 18);
        frame(1, END_STREAM | END_HEADERS, 1, 40);
        int nothing = sent.size();
        // HEADERS, CONTINUATION, DATA, and DATA that ends it.
        frame(1, 0, 3, 30);
        frame(9, END_HEADERS, 3, 5);
        frame(0, 0, 3, 300);
        int request = sent.size();
        frame(0, END_STREAM, 3, 0);
        int nothingAgain = sent.size();
        // HEADERS that end the stream when their block has come to its end.
        frame(1, END_STREAM, 5, 10);
        int headers = sent.size();
        frame(9, END_HEADERS, 5, 10);
        // A request that its client gives up, and half a PING.
        frame(1, END_HEADERS, 7, 10);
        int given = sent.size();
        frame(3, 0, 7, 4);
        int givenUp = sent.size();
        frame(6, 0, 0, 8);

        assertThat(owedAfter(nothing, piece)).isZero();
        assertThat(owedAfter(request, piece)).isBetween(1L + nothing - piece, nothing + 1L + 39);
        assertThat(owedAfter(nothingAgain, piece)).isZero();
        assertThat(owedAfter(headers, piece)).isPositive();
        assertThat(owedAfter(given, piece)).isPositive();
        assertThat(owedAfter(givenUp, piece)).isZero();
        assertThat(owedAfter(sent.size() - 1, piece)).isBetween(1L + givenUp - piece, 1L + givenUp);
        assertThat(owedAfter(23, piece)).isEqualTo(1);
    }

    @Property(tries = 100)
    void aHeaderBlockIsRewrittenAndNothingElse(@ForAll @IntRange(min = 1, max = 64) int piece) {
        sent.reset();
        sent.writeBytes(new byte[24]);
        frame(4, 0, 0, 18);
        int before = sent.size();
        byte[] literal = {0x40, 5, ':', 'p', 'a', 't', 'h', 1, '/'};
        // HEADERS with a pad length, a priority, the block, and two bytes of padding.
        sent.writeBytes(new byte[] {0, 0, 17, 1, 0x2d, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7});
        sent.writeBytes(literal);
        sent.writeBytes(new byte[2]);
        int behind = sent.size();
        frame(0, END_STREAM, 3, 10);
        Http2Progress progress = new Http2Progress(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        byte[] bytes = sent.toByteArray();
        for (int at = 0; at < bytes.length; at += piece) {
            out.writeBytes(
                    progress.received(
                            Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + piece)), 1));
        }
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.write(bytes, 0, before);
        expected.writeBytes(new byte[] {0, 0, 11, 1, 0x2d, 0, 0, 0, 1, 2, 0, 0, 0, 0, 7});
        expected.writeBytes(new byte[] {0x44, 1, '/', 0, 0});
        expected.write(bytes, behind, bytes.length - behind);
        assertThat(out.toByteArray()).isEqualTo(expected.toByteArray());
    }

    /** Since when something is owed, in bytes that had come by then, plus 1. */
    private long owedAfter(int length, int piece) {
        Http2Progress progress = new Http2Progress(1);
        byte[] bytes = sent.toByteArray();
        for (int at = 0; at < length; at += piece) {
            progress.received(Arrays.copyOfRange(bytes, at, Math.min(length, at + piece)), at + 1L);
        }
        return progress.owedSinceNs(length + 1L);
    }

    private void frame(int type, int flags, int stream, int length) {
        sent.writeBytes(
                new byte[] {
                    0,
                    (byte) (length >> 8),
                    (byte) length,
                    (byte) type,
                    (byte) flags,
                    0,
                    0,
                    0,
                    (byte) stream
                });
        byte[] payload = new byte[length];
        // What looks like heads of frames is none of them.
        Arrays.fill(payload, (byte) 1);
        sent.writeBytes(payload);
    }
}
