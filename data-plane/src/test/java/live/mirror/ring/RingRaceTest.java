package live.mirror.ring;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.ring.RingReader.Result;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/** One writer at full speed in a ring far too small, readers that keep up badly: a ledger each. */
@Timeout(60)
class RingRaceTest {

    private static final int PAYLOADS = 300_000;
    private static final int READERS = 3;

    /** What one reader counted. */
    private record Ledger(long readPackets, long readBytes, long lostPackets, long lostBytes) {}

    @Test
    void everyPayloadIsReadWholeOrToldAsLost() throws InterruptedException, ExecutionException {
        Ring ring = new Ring(16_384);
        try (var threads = Executors.newCachedThreadPool()) {
            List<Future<Ledger>> ledgers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                boolean random = i == 1;
                Thread[] self = new Thread[1];
                RingReader reader = ring.reader(() -> LockSupport.unpark(self[0]));
                ledgers.add(
                        threads.submit(() -> {
                            self[0] = Thread.currentThread();
                            return readAll(reader, random);
                        }));
            }
            long bytes = writeAll(ring);
            ring.close();
            for (Future<Ledger> future : ledgers) {
                Ledger ledger = future.get();
                assertThat(ledger.readPackets() + ledger.lostPackets()).isEqualTo(PAYLOADS);
                assertThat(ledger.readBytes() + ledger.lostBytes()).isEqualTo(bytes);
                assertThat(ledger.readPackets()).isPositive();
            }
        }
    }

    private static long writeAll(Ring ring) {
        RingWriter writer = ring.writer();
        ByteBuffer payload = ByteBuffer.allocate(1000);
        long bytes = 0;
        for (int n = 0; n < PAYLOADS; n++) {
            int length = 8 + (n * 31) % 700 / 8 * 8;
            payload.clear();
            while (payload.position() < length) {
                payload.putLong(n);
            }
            payload.flip();
            writer.write(payload, 1 + n / 100_000, n, n % 40 == 0 ? RecordFlags.RANDOM_ACCESS : 0);
            bytes += length;
            if (n % 5 == 0 || n == PAYLOADS - 1) {
                writer.publish();
            }
            if (n % 1000 == 0) {
                LockSupport.parkNanos(20_000);
            }
        }
        return bytes;
    }

    private static Ledger readAll(RingReader reader, boolean random) {
        Batch batch = new Batch(65_536);
        long packets = 0;
        long bytes = 0;
        long lostPackets = 0;
        long lostBytes = 0;
        try (reader) {
            while (true) {
                Result result = reader.read(batch, 4_000);
                switch (result) {
                    case DATA -> {
                        check(batch);
                        packets += batch.payloadCount();
                        bytes += batch.length();
                        lostPackets += batch.skippedPackets();
                        lostBytes += batch.skippedBytes();
                    }
                    case EMPTY -> {
                        if (reader.await()) {
                            LockSupport.park();
                        }
                    }
                    case LAPPED -> {
                        if (!random || !reader.skipToRandomAccess()) {
                            reader.skipToEnd();
                        }
                    }
                    case ENDED -> {
                        lostPackets += batch.skippedPackets();
                        lostBytes += batch.skippedBytes();
                        return new Ledger(packets, bytes, lostPackets, lostBytes);
                    }
                }
            }
        }
    }

    private static void check(Batch batch) {
        ByteBuffer bytes = ByteBuffer.wrap(batch.bytes(), 0, batch.length());
        for (int i = 0; i < batch.payloadCount(); i++) {
            long expected = batch.packet() + i;
            for (int k = 0; k < batch.payloadBytes(i); k += 8) {
                assertThat(bytes.getLong()).isEqualTo(expected);
            }
        }
    }
}
