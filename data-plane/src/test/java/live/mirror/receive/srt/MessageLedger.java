package live.mirror.receive.srt;

import live.mirror.ring.Batch;
import live.mirror.ring.RingReader;

import java.nio.ByteBuffer;

/** Reads {@link FedPublisher}'s messages out of a ring and follows their numbers. */
final class MessageLedger {

    private final RingReader reader;
    private final Batch batch = new Batch(1 << 16);
    private long next = -1;
    private long messages;
    private long missing;
    private long epoch;

    MessageLedger(RingReader reader) {
        this.reader = reader;
    }

    /** Reads what is there; answers whether there was anything. */
    boolean read() {
        boolean any = false;
        while (reader.read(batch, 1 << 16) == RingReader.Result.DATA) {
            any = true;
            if (batch.epoch() != epoch) {
                epoch = batch.epoch();
                next = -1;
            }
            ByteBuffer bytes = ByteBuffer.wrap(batch.bytes(), 0, batch.length());
            for (int at = 0; at < batch.length(); at += ReceiverFixture.MESSAGE_BYTES) {
                long number = bytes.getLong(at);
                missing += next < 0 ? 0 : Math.abs(number - next);
                next = number + 1;
                messages++;
            }
        }
        return any;
    }

    /** Messages that came. */
    long messages() {
        return messages;
    }

    /** Numbers between them that did not, or came twice. */
    long missing() {
        return missing;
    }

    /** The epoch of the last one. */
    long epoch() {
        return epoch;
    }
}
