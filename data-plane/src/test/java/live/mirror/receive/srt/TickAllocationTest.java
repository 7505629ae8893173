package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;

import live.mirror.receive.srt.libsrt.SrtCaller;

import org.junit.jupiter.api.Test;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** What the thread that reads everybody's packets leaves on the heap. */
class TickAllocationTest {

    private static final ThreadMXBean THREADS =
            ManagementFactory.getPlatformMXBean(ThreadMXBean.class);

    /** No object is smaller. */
    private static final long SMALLEST_OBJECT_BYTES = 16;

    private static final int FEW = 300;
    private static final int MANY = 6_000;
    private static final int BURSTS = 150;
    private static final long PAUSE_NS = 10_000_000;

    /**
     * Figures are taken by time, so twenty times the packets in the same time must not leave twenty
     * times the garbage.
     */
    @Test
    void aPacketAllocatesNothing() {
        try (ReceiverFixture fixture = new ReceiverFixture(Map.of());
                SrtCaller caller = fixture.call("cam1")) {
            fixture.awaitStream("cam1");
            long tick = tickThread();
            // The first packets load classes.
            allocatedWhileSending(caller, tick, MANY);
            long few = allocatedWhileSending(caller, tick, FEW);
            long many = allocatedWhileSending(caller, tick, MANY);
            assertThat(Math.max(0, many - few) / (MANY - FEW))
                    .as("bytes per packet; %d for %d, %d for %d", few, FEW, many, MANY)
                    .isLessThan(SMALLEST_OBJECT_BYTES);
        }
    }

    private static long allocatedWhileSending(SrtCaller caller, long thread, int messages) {
        byte[] message = new byte[ReceiverFixture.MESSAGE_BYTES];
        long before = THREADS.getThreadAllocatedBytes(thread);
        for (int burst = 0; burst < BURSTS; burst++) {
            for (int i = 0; i < messages / BURSTS; i++) {
                caller.send(message);
            }
            LockSupport.parkNanos(PAUSE_NS);
        }
        return THREADS.getThreadAllocatedBytes(thread) - before;
    }

    private static long tickThread() {
        return Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(thread -> thread != null && thread.getThreadName().equals("srt-tick"))
                .mapToLong(java.lang.management.ThreadInfo::getThreadId)
                .findFirst()
                .orElseThrow();
    }
}
