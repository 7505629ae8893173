package live.mirror.receive.rtp;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a bound. */
public final class Waiting {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private Waiting() {}

    /** At most ten seconds. */
    public static void until(String what, BooleanSupplier condition) {
        until(what, BOUND, condition);
    }

    static void until(String what, Duration bound, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("after " + bound.toMillis() + " ms still not: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
