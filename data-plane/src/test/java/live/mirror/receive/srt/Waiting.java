package live.mirror.receive.srt;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for a condition, with a bound. */
final class Waiting {

    private static final Duration BOUND = Duration.ofSeconds(10);

    private Waiting() {}

    static void until(String what, BooleanSupplier condition) {
        until(what, BOUND, condition);
    }

    /** The description is asked for when it is needed. */
    static void until(Supplier<String> what, BooleanSupplier condition) {
        until(what, BOUND, condition);
    }

    static void until(String what, Duration bound, BooleanSupplier condition) {
        until(() -> what, bound, condition);
    }

    static void until(Supplier<String> what, Duration bound, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + bound.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError(
                        "after " + bound.toMillis() + " ms still not: " + what.get());
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
