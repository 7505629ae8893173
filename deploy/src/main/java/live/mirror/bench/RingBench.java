package live.mirror.bench;

import live.mirror.ring.Batch;
import live.mirror.ring.Ring;
import live.mirror.ring.RingReader;
import live.mirror.ring.RingWriter;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The ring alone, as {@code deploy/floor/ringfloor.c} does it in C: one writer, so many readers
 * that poll with the same nap. {@code RingBench READERS MESSAGES_PER_S NAP_US WARM_S SECONDS};
 * prints CPU nanoseconds per delivery, and how many messages readers lost meanwhile.
 */
final class RingBench {

    private static final int MESSAGE_BYTES = 1316;
    private static final int RING_BYTES = 4 << 20;
    private static final int WRITER_NAP_NS = 200_000;

    /**
     * A chunk of a live stream; many readers' buffers stay in the cache, as one event loop's does.
     */
    private static final int MAX_READ_BYTES = 16_384;

    private final Ring ring = new Ring(RING_BYTES);
    private final LongAdder delivered = new LongAdder();
    private final LongAdder lostBytes = new LongAdder();

    private RingBench() {}

    /** Measures, prints, and ends the process with its threads. */
    public static void main(String[] arguments) throws Exception {
        RingBench bench = new RingBench();
        int readers = Integer.parseInt(arguments[0]);
        long perSecond = Long.parseLong(arguments[1]);
        long napNs = TimeUnit.MICROSECONDS.toNanos(Long.parseLong(arguments[2]));
        for (int i = 0; i < readers; i++) {
            Thread.ofPlatform().daemon().name("reader " + i).start(() -> bench.read(napNs));
        }
        Thread.ofPlatform().daemon().name("writer").start(() -> bench.write(perSecond));
        TimeUnit.SECONDS.sleep(Long.parseLong(arguments[3]));
        long before = bench.delivered.sum();
        long lostBefore = bench.lostBytes.sum();
        double cpuBefore = ProcessFigures.cpuSeconds(ProcessHandle.current());
        TimeUnit.SECONDS.sleep(Long.parseLong(arguments[4]));
        double cpu = ProcessFigures.cpuSeconds(ProcessHandle.current()) - cpuBefore;
        System.out.printf(
                "%.1f %d%n",
                cpu * 1e9 / (bench.delivered.sum() - before),
                (bench.lostBytes.sum() - lostBefore) / MESSAGE_BYTES);
    }

    private void read(long napNs) {
        Batch batch = new Batch(MAX_READ_BYTES);
        RingReader reader = ring.reader(() -> {});
        while (true) {
            switch (reader.read(batch, MAX_READ_BYTES)) {
                case DATA -> {
                    delivered.add(batch.payloadCount());
                    lostBytes.add(batch.skippedBytes());
                }
                case LAPPED -> reader.skipToEnd();
                case EMPTY, ENDED -> LockSupport.parkNanos(napNs);
            }
        }
    }

    private void write(long perSecond) {
        RingWriter writer = ring.writer();
        byte[] message = new byte[MESSAGE_BYTES];
        long startNs = System.nanoTime();
        long written = 0;
        while (true) {
            long due = (System.nanoTime() - startNs) / 1_000 * perSecond / 1_000_000;
            if (written >= due) {
                LockSupport.parkNanos(WRITER_NAP_NS);
                continue;
            }
            for (; written < due; written++) {
                writer.write(message, 0, MESSAGE_BYTES, 1, 0, 0);
            }
            writer.publish();
        }
    }
}
