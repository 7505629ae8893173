package live.mirror.control.connection;

import org.jspecify.annotations.Nullable;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * HTTP/2: what is owed is the preface, the rest of a frame that began (RFC 9113, 4.1), and the rest
 * of each request whose stream its client has not ended (5.1). Reads the heads of the frames, and
 * has {@link PseudoHeaders} rewrite what Helidon would not read.
 *
 * <pre>
 * 0        3      4       5                9
 * +--------+------+-------+----------------+---------
 * | length | type | flags | R, stream id   | payload
 * +--------+------+-------+----------------+---------
 * </pre>
 */
final class Http2Progress implements Progress {

    /** RFC 9113, 3.4: {@code PRI * HTTP/2.0}, with two empty lines and {@code SM} between them. */
    private static final int PREFACE = 24;

    private static final int HEAD = 9;
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int CONTINUATION = 9;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final int PADDED = 8;
    private static final int PRIORITY = 0x20;

    /** What a frame may have (RFC 9113, 6.5.2); Helidon refuses larger ones. */
    private static final int MAX_FRAME = 16_384;

    private final byte[] head = new byte[HEAD];

    /** How much of the head is here. */
    private int headBytes;

    /** How much of the payload, or of the preface, is still to come. */
    private int missing = PREFACE;

    /** A frame of header fields, which is handed on when it is whole. */
    private @Nullable ByteArrayOutputStream held;

    /** Since when the frame, or the preface, has been under way; 0 between two frames. */
    private long frameSinceNs;

    /** Requests that are not whole, by stream, with when they began; the oldest first. */
    private final Map<Integer, Long> requests = new LinkedHashMap<>();

    /** Whether the header block that goes on in CONTINUATION frames ends its request. */
    private boolean endsWithHeaders;

    /** For a new connection whose preface has been owed since then. */
    Http2Progress(long acceptedNs) {
        frameSinceNs = acceptedNs;
    }

    @Override
    public long owedSinceNs(long nowNs) {
        Iterator<Long> oldest = requests.values().iterator();
        if (!oldest.hasNext()) {
            return frameSinceNs;
        }
        long requestSinceNs = oldest.next();
        return frameSinceNs != 0 && frameSinceNs - requestSinceNs < 0
                ? frameSinceNs
                : requestSinceNs;
    }

    @Override
    public byte[] received(byte[] bytes, long nowNs) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length);
        int at = 0;
        while (at < bytes.length) {
            if (frameSinceNs == 0) {
                frameSinceNs = nowNs;
            }
            if (missing > 0) {
                int length = Math.min(missing, bytes.length - at);
                (held == null ? out : held).write(bytes, at, length);
                at += length;
                missing -= length;
            } else {
                head[headBytes++] = bytes[at++];
                if (headBytes == HEAD) {
                    headEnded(out);
                }
            }
            if (missing == 0 && (headBytes == HEAD || headBytes == 0)) {
                frameEnded(out, nowNs);
            }
        }
        return out.toByteArray();
    }

    private void headEnded(ByteArrayOutputStream out) {
        missing = number(0, 3);
        if (head[3] == HEADERS && (head[4] & END_HEADERS) != 0 && missing <= MAX_FRAME) {
            held = new ByteArrayOutputStream(missing);
        } else {
            out.write(head, 0, HEAD);
        }
    }

    private void frameEnded(ByteArrayOutputStream out, long nowNs) {
        if (held != null) {
            handOn(out, held.toByteArray());
            held = null;
        }
        if (headBytes == HEAD) {
            int stream = number(5, 4) & Integer.MAX_VALUE;
            frame(head[3], head[4], stream, nowNs);
        }
        headBytes = 0;
        frameSinceNs = 0;
    }

    /** RFC 9113, 6.2: pad length and priority stand before the block, the padding behind it. */
    private void handOn(ByteArrayOutputStream out, byte[] payload) {
        boolean padded = (head[4] & PADDED) != 0;
        int begin = (padded ? 1 : 0) + ((head[4] & PRIORITY) == 0 ? 0 : 5);
        int end = payload.length - (padded && payload.length > 0 ? payload[0] & 0xff : 0);
        if (begin >= end) {
            out.write(head, 0, HEAD);
            out.writeBytes(payload);
            return;
        }
        byte[] block = PseudoHeaders.indexed(Arrays.copyOfRange(payload, begin, end));
        int length = payload.length - (end - begin) + block.length;
        out.write(length >> 16);
        out.write(length >> 8);
        out.write(length);
        out.write(head, 3, HEAD - 3);
        out.write(payload, 0, begin);
        out.writeBytes(block);
        out.write(payload, end, payload.length - end);
    }

    private int number(int at, int length) {
        int number = 0;
        for (int i = at; i < at + length; i++) {
            number = (number << 8) + (head[i] & 0xff);
        }
        return number;
    }

    private void frame(int type, int flags, int stream, long nowNs) {
        boolean ends = (flags & END_STREAM) != 0;
        boolean wholeHeaders = (flags & END_HEADERS) != 0;
        switch (type) {
            case HEADERS -> {
                endsWithHeaders = ends;
                if (ends && wholeHeaders) {
                    requests.remove(stream);
                } else {
                    requests.putIfAbsent(stream, nowNs);
                }
            }
            case CONTINUATION -> {
                if (endsWithHeaders && wholeHeaders) {
                    requests.remove(stream);
                }
            }
            case DATA -> {
                if (ends) {
                    requests.remove(stream);
                }
            }
            case RST_STREAM -> requests.remove(stream);
            default -> {
                // Belongs to no request.
            }
        }
    }
}
