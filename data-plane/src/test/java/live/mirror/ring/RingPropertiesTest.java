package live.mirror.ring;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;

/**
 * Whatever is written and whenever it is read: each byte comes once, in its place, in whole
 * payloads, or is counted as skipped. The races are {@link RingRaceTest}'s and jcstress's.
 */
class RingPropertiesTest {

    private static final int MAX_PAYLOAD = 200;

    /** Payload bytes by the position at which they begin; each byte is told by its position. */
    private final Map<Long, Integer> written = new HashMap<>();

    private long packets;

    @Property(tries = 500)
    void everyByteIsReadOnceInItsPlaceOrCountedAsSkipped(
            @ForAll long seed,
            @ForAll @IntRange(min = 0, max = 4) int sizeBits,
            @ForAll @IntRange(min = 1, max = 60) int writesPerRead,
            @ForAll @IntRange(min = 1, max = 2000) int maxBytes) {
        Random random = new Random(seed);
        written.clear();
        packets = 0;
        try (Ring ring = new Ring(Ring.MIN_CAPACITY_BYTES << sizeBits);
                RingReader reader = ring.reader(() -> {})) {
            Ledger ledger = new Ledger(reader, maxBytes, random);
            long epoch = 1;
            for (int round = 0; round < 40; round++) {
                for (int i = random.nextInt(writesPerRead); i > 0; i--) {
                    if (random.nextInt(50) == 0) {
                        epoch++;
                    }
                    if (random.nextInt(20) == 0) {
                        int lost = random.nextInt(5);
                        ring.writer().gap(RecordFlags.AFTER_LOSS, lost);
                        packets += lost;
                    }
                    write(ring.writer(), epoch, random);
                    if (random.nextInt(4) == 0) {
                        ring.writer().publish();
                    }
                }
                ring.writer().publish();
                ledger.read(random.nextInt(4));
            }
            // Only behind the end is the last skip told.
            ring.close();
            ledger.read(Integer.MAX_VALUE);
            assertThat(ledger.bytes + ledger.skippedBytes).isEqualTo(ring.writer().position());
            assertThat(ledger.packets + ledger.skippedPackets).isEqualTo(packets);
        }
    }

    @Property(tries = 300)
    void whoComesBackGoesOnOrIsToldExactlyWhatIsMissing(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 80) int writtenMeanwhile) {
        Random random = new Random(seed);
        written.clear();
        packets = 0;
        Batch batch = new Batch(Ring.MAX_PAYLOAD_BYTES);
        try (Ring ring = new Ring(4096)) {
            long position;
            long packet;
            try (RingReader first = ring.reader(() -> {})) {
                write(ring.writer(), 1, random);
                ring.writer().publish();
                first.read(batch, MAX_PAYLOAD);
                position = batch.position() + batch.length();
                packet = batch.packet() + batch.payloadCount();
            }
            for (int i = 0; i < writtenMeanwhile; i++) {
                write(ring.writer(), 1, random);
            }
            ring.writer().publish();
            try (RingReader second = ring.reader(() -> {})) {
                assertThat(second.startAfter(1, position, packet)).isTrue();
                if (second.read(batch, Ring.MAX_PAYLOAD_BYTES) == RingReader.Result.LAPPED) {
                    second.skipToEnd();
                    write(ring.writer(), 1, random);
                    ring.writer().publish();
                    second.read(batch, Ring.MAX_PAYLOAD_BYTES);
                }
                assertThat(batch.position() - batch.skippedBytes()).isEqualTo(position);
                assertThat(batch.packet() - batch.skippedPackets()).isEqualTo(packet);
                assertThat(batch.position() + batch.length()).isEqualTo(ring.writer().position());
            }
        }
    }

    private void write(RingWriter writer, long epoch, Random random) {
        int length = 1 + random.nextInt(MAX_PAYLOAD);
        byte[] payload = new byte[length];
        for (int i = 0; i < length; i++) {
            payload[i] = at(writer.position() + i);
        }
        written.put(writer.position(), length);
        packets++;
        writer.write(payload, 0, length, epoch, packets, 0);
    }

    private static byte at(long position) {
        return (byte) (position * 31 + (position >> 8));
    }

    /** What one reader got, checked against what was written. */
    private final class Ledger {

        private final RingReader reader;
        private final int maxBytes;
        private final Random random;
        private final Batch batch = new Batch(Ring.MAX_PAYLOAD_BYTES);
        private long bytes;
        private long packets;
        private long skippedBytes;
        private long skippedPackets;
        private long epoch;

        Ledger(RingReader reader, int maxBytes, Random random) {
            this.reader = reader;
            this.maxBytes = maxBytes;
            this.random = random;
        }

        void read(int reads) {
            for (int i = 0; i < reads; i++) {
                switch (reader.read(batch, maxBytes)) {
                    case DATA -> check();
                    case LAPPED -> reader.skipToEnd();
                    case EMPTY -> {
                        return;
                    }
                    case ENDED -> {
                        skippedBytes += batch.skippedBytes();
                        skippedPackets += batch.skippedPackets();
                        return;
                    }
                }
                if (random.nextInt(30) == 0) {
                    reader.skipToEnd();
                }
            }
        }

        private void check() {
            skippedBytes += batch.skippedBytes();
            skippedPackets += batch.skippedPackets();
            assertThat(batch.position()).isEqualTo(bytes + skippedBytes);
            assertThat(batch.packet()).isEqualTo(packets + skippedPackets);
            assertThat(batch.epoch()).isGreaterThanOrEqualTo(epoch);
            assertThat(batch.payloadCount() == 1 || batch.length() <= maxBytes).isTrue();
            epoch = batch.epoch();
            int offset = 0;
            for (int i = 0; i < batch.payloadCount(); i++) {
                assertThat(batch.payloadBytes(i)).isEqualTo(written.get(batch.position() + offset));
                for (int k = 0; k < batch.payloadBytes(i); k++, offset++) {
                    if (batch.bytes()[offset] != at(batch.position() + offset)) {
                        assertThat(batch.bytes()[offset]).isEqualTo(at(batch.position() + offset));
                    }
                }
            }
            bytes += batch.length();
            packets += batch.payloadCount();
        }
    }
}
