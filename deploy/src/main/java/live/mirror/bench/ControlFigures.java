package live.mirror.bench;

import org.jspecify.annotations.Nullable;

import java.util.Locale;
import java.util.Objects;

/** What was measured of one fleet. Filled step by step by the benchmark's thread. */
final class ControlFigures {

    final int workers;
    final int streams;
    ClaimLoop.@Nullable Claims claims;
    MeasuredControlPlane.@Nullable Steady steady;
    MeasuredControlPlane.@Nullable ListDelays list;
    double stormSeconds;
    double rebuildSeconds;
    long linksLost;
    long fenced;

    ControlFigures(int workers, int streams) {
        this.workers = workers;
        this.streams = streams;
    }

    ClaimLoop.Claims claims() {
        return Objects.requireNonNull(claims);
    }

    MeasuredControlPlane.Steady steady() {
        return Objects.requireNonNull(steady);
    }

    MeasuredControlPlane.ListDelays list() {
        return Objects.requireNonNull(list);
    }

    /** Processor time of control plane and Redis for a stream's second, in microseconds. */
    double costUs() {
        return (steady().controlPlane() + steady().redis()) * 1e6 / streams;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "%7d %7d | %8.0f %6.1f %6.1f | %7.1f %9.1f | %16.3f %11.3f %15.3f %11.2f | %7.0f"
                        + " %6.0f %8.0f | %11.1f %11.1f %13.1f",
                workers,
                streams,
                claims().perSecond(),
                claims().delays().percentileMs(0.5),
                claims().delays().percentileMs(0.99),
                stormSeconds,
                rebuildSeconds,
                steady().controlPlane(),
                steady().redis(),
                steady().generator(),
                costUs(),
                steady().heapMb(),
                steady().rssMb(),
                steady().redisMb(),
                list().pages().percentileMs(0.5),
                list().pages().percentileMs(0.99),
                list().ofWorker().percentileMs(0.99));
    }
}
