package live.mirror.control.testing;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what a test needs, with a bound. */
public final class Await {

    private Await() {}

    /** Returns as soon as the condition holds; fails after 10 s. */
    public static void until(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("still waiting until " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }

    /** Lets time pass, where the time itself is what is tested. */
    public static void elapsed(java.time.Duration duration) {
        long end = System.nanoTime() + duration.toNanos();
        while (System.nanoTime() - end < 0) {
            LockSupport.parkNanos(end - System.nanoTime());
        }
    }
}
