package live.mirror.bench;

import live.mirror.client.SubscriptionHandler;
import live.mirror.v1.Chunk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Keeps books of one stream of {@code srtgen}: its messages have numbers, and every byte of the
 * rest is known. Written by the subscriber's thread, read after it ended.
 */
final class NumberedStream implements SubscriptionHandler {

    private static final int MAGIC = 0x4d525331;
    private static final int TS_PACKET_BYTES = 188;
    private static final int MESSAGE_BYTES = 7 * TS_PACKET_BYTES;

    /** In the first packet: magic, stream, number, time of sending; see deploy/floor/srtgen.c. */
    private static final int HEADER_OFFSET = 4;

    private static final int HEADER_BYTES = 24;

    private static final ByteBuffer REST = rest();

    private final int index;
    private final DelayHistogram delays;
    private final long countFromNs;

    private long expected;
    private long delivered;
    private long missing;
    private long missingWhileCold;
    private long wrong;

    /**
     * Books of a stream.
     *
     * @param countFromNs by {@link System#nanoTime}, which is the clock of {@code srtgen}: what is
     *     missing before counts apart
     */
    NumberedStream(int index, DelayHistogram delays, long countFromNs) {
        this.index = index;
        this.delays = delays;
        this.countFromNs = countFromNs;
    }

    /** The number that should come next. */
    long next() {
        return expected;
    }

    /** Messages since then. */
    long delivered() {
        return delivered;
    }

    /** Messages that were skipped since then. */
    long missing() {
        return missing;
    }

    /** Messages that were skipped before. */
    long missingWhileCold() {
        return missingWhileCold;
    }

    /** Messages with a wrong byte, or out of order. */
    long wrong() {
        return wrong;
    }

    @Override
    public void onMedia(Chunk chunk) {
        ByteBuffer payload =
                chunk.getPayload().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        long nowNs = System.nanoTime();
        while (payload.remaining() >= MESSAGE_BYTES) {
            int start = payload.position();
            message(payload, start, nowNs);
            payload.position(start + MESSAGE_BYTES);
        }
        if (payload.hasRemaining()) {
            wrong++;
        }
    }

    private void message(ByteBuffer payload, int start, long nowNs) {
        int header = start + HEADER_OFFSET;
        int rest = header + HEADER_BYTES;
        boolean right =
                payload.getInt(header) == MAGIC
                        && payload.getInt(header + 4) == index
                        && payload.slice(rest, REST.capacity()).equals(REST);
        if (!right) {
            wrong++;
            return;
        }
        long number = payload.getLong(header + 8);
        long sentNs = payload.getLong(header + 16);
        if (number < expected) {
            wrong++;
            return;
        }
        if (sentNs < countFromNs) {
            missingWhileCold += number - expected;
        } else {
            missing += number - expected;
            delivered++;
            delays.add((nowNs - sentNs) / 1_000);
        }
        expected = number + 1;
    }

    /** Behind the header: null packets (ISO/IEC 13818-1, 2.4.1). */
    private static ByteBuffer rest() {
        ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
        for (int i = 0; i < MESSAGE_BYTES; i++) {
            message.put((byte) 0xff);
        }
        for (int i = 0; i < MESSAGE_BYTES; i += TS_PACKET_BYTES) {
            message.putInt(i, 0x471fff10);
        }
        int from = HEADER_OFFSET + HEADER_BYTES;
        return message.slice(from, MESSAGE_BYTES - from).asReadOnlyBuffer();
    }
}
