package live.mirror.receive.srt;

import com.sun.management.ThreadMXBean;

import live.mirror.contract.StreamId;
import live.mirror.ring.PayloadInspector;
import live.mirror.stream.Definition;
import live.mirror.stream.StreamState;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The receiver alone, as a process that {@code deploy/bench srt} measures: everybody is admitted,
 * the media goes into rings. Looks into each message like the C floor does: {@code srtgen}'s number
 * tells gaps, its time tells the delay up to the ring. Arguments are settings, {@code
 * srt.tick=2ms}; {@code defined=cam1,cam2} takes these streams only, {@code warm=10} tells delays
 * from ten seconds after the first stream on, and what was lost before as cold_gaps. Prints READY
 * with its port, END at SIGTERM.
 */
final class SrtBench {

    /**
     * srtgen's message: magic at 4 (u32), stream 8 (u32), number 12 (u64), CLOCK_MONOTONIC 20 (u64,
     * ns); little endian.
     */
    static final int MAGIC = 0x4d525331;

    private SrtBench() {}

    /** One stream's look at its messages; its session's thread alone uses it. */
    private static final class Look implements PayloadInspector {

        private static final int BUCKET_NS = 250_000;

        private final int[] delays = new int[4_096];
        private final long warmAtNs;
        private long expected = -1;
        private long gaps;
        private long coldGaps;
        private long messages;

        Look(long warmAtNs) {
            this.warmAtNs = warmAtNs;
        }

        @Override
        public int inspect(MemorySegment memory, long at, int length) {
            if (length < 28 || memory.get(ValueLayout.JAVA_INT_UNALIGNED, at + 4) != MAGIC) {
                return 0;
            }
            long number = memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 12);
            if (number != expected && number != 0 && expected >= 0) {
                long gap = Math.max(1, number - expected);
                if (System.nanoTime() - warmAtNs < 0) {
                    coldGaps += gap;
                } else {
                    gaps += gap;
                }
            }
            expected = number + 1;
            messages++;
            // System.nanoTime is CLOCK_MONOTONIC on Linux.
            if ((number & 31) == 0 && System.nanoTime() - warmAtNs >= 0) {
                long delay =
                        System.nanoTime() - memory.get(ValueLayout.JAVA_LONG_UNALIGNED, at + 20);
                delays[Math.clamp(delay / BUCKET_NS, 0, delays.length - 1)]++;
            }
            return 0;
        }
    }

    public static void main(String[] arguments) throws InterruptedException {
        Map<String, String> settings = new HashMap<>();
        for (String argument : arguments) {
            int at = argument.indexOf('=');
            settings.put(argument.substring(0, at), argument.substring(at + 1));
        }
        long warmNs = Long.parseLong(settings.getOrDefault("warm", "0")) * 1_000_000_000;
        settings.remove("warm");
        AtomicLong warmAtNs = new AtomicLong();
        List<Look> looks = new CopyOnWriteArrayList<>();
        String defined = settings.remove("defined");
        ReceiverFixture fixture = new ReceiverFixture(settings);
        if (defined != null) {
            fixture.definitions.replace(
                    true,
                    Arrays.stream(defined.split(",", -1))
                            .map(id -> Definition.of(new StreamId(id)))
                            .toList());
        }
        fixture.streams.addListener((stream, from, to, reason) -> {
            if (to instanceof StreamState.Connecting && from.equals(to)) {
                warmAtNs.compareAndSet(0, System.nanoTime() + warmNs);
                Look look = new Look(warmAtNs.get());
                looks.add(look);
                stream.ring().writer().inspectWith(look);
            }
        });
        CountDownLatch stopped = new CountDownLatch(1);
        long allocated = allocatedBytes();
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(() -> {
                            // What is on its way comes first.
                            LockSupport.parkNanos(500_000_000);
                            report(looks, fixture, allocatedBytes() - allocated);
                            fixture.close();
                            stopped.countDown();
                        }));
        System.out.println("READY port=" + fixture.receiver.address().getPort());
        stopped.await();
    }

    /** What all threads have allocated on the heap so far. */
    private static long allocatedBytes() {
        return ManagementFactory.getPlatformMXBean(ThreadMXBean.class)
                .getTotalThreadAllocatedBytes();
    }

    private static void report(List<Look> looks, ReceiverFixture fixture, long allocatedBytes) {
        long[] delays = new long[4_096];
        long gaps = 0;
        long coldGaps = 0;
        long messages = 0;
        for (Look look : new ArrayList<>(looks)) {
            gaps += look.gaps;
            coldGaps += look.coldGaps;
            messages += look.messages;
            for (int i = 0; i < delays.length; i++) {
                delays[i] += look.delays[i];
            }
        }
        System.out.println(
                "END msgs="
                        + messages
                        + " gaps="
                        + gaps
                        + " cold_gaps="
                        + coldGaps
                        + " lat_p50_ms="
                        + percentile(delays, 0.50)
                        + " lat_p99_ms="
                        + percentile(delays, 0.99)
                        + " gate="
                        + fixture.receiver.gateDecisions()
                        + " gate_slow="
                        + fixture.receiver.slowGateDecisions()
                        + " gate_p99_us="
                        + Math.round(fixture.receiver.gateP99Seconds() * 1e6)
                        + " overflowed="
                        + fixture.receiver.overflowedDatagrams()
                        + " heap_bytes_per_msg="
                        + allocatedBytes / Math.max(1, messages)
                        + " receive_thread="
                        + fixture.receiver.receiveThreadShares());
    }

    private static double percentile(long[] delays, double share) {
        long all = 0;
        for (long count : delays) {
            all += count;
        }
        long sum = 0;
        for (int i = 0; i < delays.length; i++) {
            sum += delays[i];
            if (sum >= share * all) {
                return i * 0.25;
            }
        }
        return 0;
    }
}
