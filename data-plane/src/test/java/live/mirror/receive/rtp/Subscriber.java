package live.mirror.receive.rtp;

import live.mirror.ring.Batch;
import live.mirror.ring.Ring;
import live.mirror.ring.RingReader;
import live.mirror.rtp.BigEndian;
import live.mirror.stream.LiveStream;

import java.util.ArrayList;
import java.util.List;

/** Reads a stream's ring and keeps a ledger of what came and what was told as lost. */
final class Subscriber {

    private final RingReader reader;
    private final Batch batch = new Batch(Ring.MAX_PAYLOAD_BYTES);
    private final List<byte[]> payloads = new ArrayList<>();
    private long lost;
    private long epochChanges;
    private int flags;

    private Subscriber(RingReader reader) {
        this.reader = reader;
    }

    static Subscriber fromOldest(LiveStream stream) {
        RingReader reader = stream.ring().reader(() -> {});
        reader.startAtOldest();
        return new Subscriber(reader);
    }

    /** Reads all that is there. */
    Subscriber read() {
        while (reader.read(batch, Ring.MAX_PAYLOAD_BYTES) == RingReader.Result.DATA) {
            int at = 0;
            lost += Math.max(0, batch.skippedPackets());
            epochChanges += batch.newEpoch() ? 1 : 0;
            flags |= batch.flags();
            for (int i = 0; i < batch.payloadCount(); i++) {
                byte[] payload = new byte[batch.payloadBytes(i)];
                System.arraycopy(batch.bytes(), at, payload, 0, payload.length);
                at += payload.length;
                payloads.add(payload);
            }
        }
        return this;
    }

    void awaitPayloads(int count) {
        Waiting.until(count + " payloads", () -> read().payloads.size() >= count);
    }

    /** Waits until so many packets were delivered or told as lost. */
    void awaitPackets(long count) {
        Waiting.until(
                count + " packets delivered or lost", () -> read().payloads.size() + lost >= count);
    }

    List<byte[]> payloads() {
        return payloads;
    }

    /** The numbers that {@link RtpSender} wrote into the payloads. */
    List<Long> numbers() {
        return payloads.stream().map(payload -> BigEndian.i64(payload, 4)).toList();
    }

    long lost() {
        return lost;
    }

    long epochChanges() {
        return epochChanges;
    }

    int flags() {
        return flags;
    }
}
