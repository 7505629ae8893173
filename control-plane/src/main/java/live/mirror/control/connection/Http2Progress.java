package live.mirror.control.connection;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * HTTP/2: what is owed is the preface, the rest of a frame that began (RFC 9113, 4.1), and the rest
 * of each request whose stream its client has not ended (5.1). Reads the heads of the frames alone.
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

    private final byte[] head = new byte[HEAD];

    /** How much of the head is here. */
    private int headBytes;

    /** How much of the payload, or of the preface, is still to come. */
    private int missing = PREFACE;

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
    public void received(byte[] bytes, long nowNs) {
        int at = 0;
        while (at < bytes.length) {
            if (frameSinceNs == 0) {
                frameSinceNs = nowNs;
            }
            if (missing > 0) {
                int skipped = Math.min(missing, bytes.length - at);
                at += skipped;
                missing -= skipped;
            } else {
                head[headBytes++] = bytes[at++];
                if (headBytes == HEAD) {
                    missing = number(0, 3);
                }
            }
            if (missing == 0 && (headBytes == HEAD || headBytes == 0)) {
                frameEnded(nowNs);
            }
        }
    }

    private void frameEnded(long nowNs) {
        if (headBytes == HEAD) {
            int stream = number(5, 4) & Integer.MAX_VALUE;
            frame(head[3], head[4], stream, nowNs);
        }
        headBytes = 0;
        frameSinceNs = 0;
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
