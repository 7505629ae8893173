package live.mirror.receive.srt;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Keeps a crowd of publishers from flooding the log: so many lines a second, and then how many were
 * left out. Any thread.
 */
final class LogBudget {

    private static final int LINES_PER_SECOND = 10;
    private static final System.Logger LOG = System.getLogger(LogBudget.class.getName());

    private final AtomicLong second = new AtomicLong();
    private final AtomicLong lines = new AtomicLong();
    private final AtomicLong leftOut = new AtomicLong();

    /** Writes the line if there is room for it. */
    void info(System.Logger log, String format, Object... arguments) {
        long now = System.nanoTime() / 1_000_000_000;
        long last = second.get();
        if (now != last && second.compareAndSet(last, now)) {
            lines.set(0);
            long missing = leftOut.getAndSet(0);
            if (missing > 0) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "{0,number,#} lines like this were left out",
                        missing);
            }
        }
        if (lines.incrementAndGet() <= LINES_PER_SECOND) {
            log.log(System.Logger.Level.INFO, format, arguments);
        } else {
            leftOut.incrementAndGet();
        }
    }
}
