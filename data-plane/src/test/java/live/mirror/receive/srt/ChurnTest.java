package live.mirror.receive.srt;

import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.receive.srt.libsrt.SrtCaller;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Publishers that come and go; {@code deploy/bench churn} has 10,000 of them: {@code
 * -Dmirror.churn.connects=10000}. The receiver is a process of its own.
 */
class ChurnTest {

    private static final int CONNECTS = Integer.getInteger("mirror.churn.connects", 300);
    private static final int AT_ONCE = 8;
    private static final Duration BOUND = Duration.ofSeconds(20);
    private static final long PAUSE_NS = 50_000_000;
    private static final long MAX_GROWTH_KB = 32 << 10;

    @Test
    void descriptorsThreadsAndMemoryReturn(@TempDir Path directory) throws Exception {
        try (ReceiverProcess receiver = ReceiverProcess.start(directory);
                LibSrt _ = LibSrt.open("")) {
            // What is made once: classes, compiled code, rings, libsrt's own pools.
            comeAndGo(receiver, 200);
            long threads = settled(receiver);
            long descriptors = receiver.descriptors();
            long memoryKb = receiver.residentKb();

            comeAndGo(receiver, CONNECTS);

            Waiting.until("threads return", BOUND, () -> receiver.threads() <= threads);
            Waiting.until("descriptors return", BOUND, () -> receiver.descriptors() <= descriptors);
            // libsrt keeps the closed sockets of the last seconds, and then the allocator does.
            long[] growthKb = {0};
            Waiting.until(
                    () -> "memory returns; it has grown by " + growthKb[0] + " KiB",
                    BOUND,
                    () -> {
                        growthKb[0] = receiver.residentKb() - memoryKb;
                        return growthKb[0] < MAX_GROWTH_KB;
                    });
            System.out.println(
                    CONNECTS
                            + " connects: threads "
                            + threads
                            + ", descriptors "
                            + descriptors
                            + ", grown by "
                            + growthKb[0]
                            + " KiB");
        }
    }

    private static void comeAndGo(ReceiverProcess receiver, int times) throws Exception {
        try (ExecutorService publishers = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> ends = new ArrayList<>();
            for (int i = 0; i < times; i++) {
                // The session before it has time to put its pen down.
                String id = "cam" + i % (AT_ONCE * 8);
                ends.add(publishers.submit(() -> comeAndGo(receiver, id)));
            }
            for (Future<?> end : ends) {
                end.get();
            }
        }
    }

    private static void comeAndGo(ReceiverProcess receiver, String id) {
        String[] problem = {""};
        Waiting.until(
                () -> id + " is let in; " + problem[0],
                () -> {
                    try (SrtCaller caller = SrtCaller.connect(receiver.address(), id)) {
                        caller.send(new byte[ReceiverFixture.MESSAGE_BYTES]);
                        return true;
                    } catch (SrtException e) {
                        problem[0] = String.valueOf(e.getMessage());
                        LockSupport.parkNanos(PAUSE_NS);
                        return false;
                    }
                });
    }

    /** The number of threads once all of libsrt's have ended. */
    private static long settled(ReceiverProcess receiver) {
        long[] before = {0};
        long[] same = {0};
        Waiting.until(
                "threads end",
                BOUND,
                () -> {
                    long now = receiver.threads();
                    same[0] = now == before[0] ? same[0] + 1 : 0;
                    before[0] = now;
                    return same[0] > 1_500;
                });
        return before[0];
    }
}
