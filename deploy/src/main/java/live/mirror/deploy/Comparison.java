package live.mirror.deploy;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Holds what comes from a packager against what an encoder writes into a file, as both grow. Runs
 * on a thread of its own.
 */
final class Comparison {

    /** The encoder's file is written in blocks and may be behind what it has sent. */
    private static final Duration FILE_LAG = Duration.ofSeconds(5);

    private final InputStream received;
    private final Path sent;
    private final Thread thread =
            Thread.ofPlatform().daemon().name("comparison").unstarted(this::run);
    private final AtomicLong comparedBytes = new AtomicLong();
    private volatile @Nullable String difference;

    Comparison(InputStream received, Path sent) {
        this.received = received;
        this.sent = sent;
    }

    void start() {
        thread.start();
    }

    /** Waits until the packager's output has ended and all of it is compared. */
    void join() throws InterruptedException {
        thread.join(Duration.ofSeconds(10));
    }

    long comparedBytes() {
        return comparedBytes.get();
    }

    /** What the encoder has written so far. */
    long sentBytes() {
        try {
            return Files.size(sent);
        } catch (IOException e) {
            return 0;
        }
    }

    /** What is wrong, or nothing. */
    @Nullable String difference() {
        return difference;
    }

    private void run() {
        byte[] got = new byte[1 << 16];
        byte[] want = new byte[got.length];
        try (InputStream in = received) {
            int count = in.read(got);
            if (count < 0) {
                return;
            }
            try (RandomAccessFile file = new RandomAccessFile(sent.toFile(), "r")) {
                for (; count >= 0 && difference == null; count = in.read(got)) {
                    if (!readFully(file, want, count)) {
                        difference =
                                "the packager got more than the encoder wrote: "
                                        + (comparedBytes() + count)
                                        + " bytes";
                        return;
                    }
                    int at = Arrays.mismatch(got, 0, count, want, 0, count);
                    if (at >= 0) {
                        difference =
                                "byte "
                                        + (comparedBytes() + at)
                                        + " differs from what the encoder sent";
                        return;
                    }
                    comparedBytes.addAndGet(count);
                }
            }
        } catch (IOException e) {
            difference = "the comparison broke off: " + e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean readFully(RandomAccessFile file, byte[] into, int count)
            throws IOException, InterruptedException {
        long deadlineNs = System.nanoTime() + FILE_LAG.toNanos();
        for (int have = 0; have < count; ) {
            int read = file.read(into, have, count - have);
            if (read > 0) {
                have += read;
            } else if (System.nanoTime() - deadlineNs > 0) {
                return false;
            } else {
                TimeUnit.MILLISECONDS.sleep(10);
            }
        }
        return true;
    }
}
