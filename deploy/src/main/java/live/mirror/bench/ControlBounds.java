package live.mirror.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What a fleet may cost; every bound is printed with what was measured. */
final class ControlBounds {

    private static final double CLAIMS_PER_SECOND = 5_000;
    private static final double CLAIM_P99_MS = 50;
    private static final double STORM_S = 30;
    private static final double CONTROL_PLANE_CORES = 0.5;
    private static final double REDIS_CORES = 0.1;

    /** Cost per stream of any fleet against the first, which is to be the smallest. */
    private static final double COST_GROWTH = 1.25;

    private static final double LIST_P99_MS = 100;

    private final List<String> lines = new ArrayList<>();
    private boolean held = true;
    private double firstCostUs;

    void hold(ControlFigures figures) {
        String fleet = figures.workers + " workers, " + figures.streams + " streams: ";
        ClaimLoop.Claims claims = figures.claims();
        atLeast(fleet + "claims/s", claims.perSecond(), CLAIMS_PER_SECOND);
        atMost(fleet + "claim p99, ms", claims.delays().percentileMs(0.99), CLAIM_P99_MS);
        atMost(fleet + "claims that failed", (double) claims.failed(), 0);
        atMost(fleet + "registration storm, s", figures.stormSeconds, STORM_S);
        atMost(fleet + "rebuild, s", figures.rebuildSeconds, STORM_S);
        atMost(
                fleet + "control plane, cores",
                figures.steady().controlPlane(),
                CONTROL_PLANE_CORES);
        atMost(fleet + "Redis, cores", figures.steady().redis(), REDIS_CORES);
        atMost(fleet + "links lost while steady", (double) figures.linksLost, 0);
        atMost(fleet + "streams fenced", (double) figures.fenced, 0);
        atMost(
                fleet + "a page of 100, p99, ms",
                figures.list().pages().percentileMs(0.99),
                LIST_P99_MS);
        atMost(
                fleet + "a worker's streams, p99, ms",
                figures.list().ofWorker().percentileMs(0.99),
                LIST_P99_MS);
        if (firstCostUs == 0) {
            firstCostUs = figures.costUs();
        } else {
            atMost(
                    fleet + "cost per stream against the first fleet's",
                    figures.costUs() / firstCostUs,
                    COST_GROWTH);
        }
    }

    private void atMost(String what, double measured, double bound) {
        add(what, measured, "at most", bound, measured <= bound);
    }

    private void atLeast(String what, double measured, double bound) {
        add(what, measured, "at least", bound, measured >= bound);
    }

    private void add(String what, double measured, String sign, double bound, boolean holds) {
        held &= holds;
        lines.add(
                String.format(
                        Locale.ROOT,
                        "%-6s %s: %.2f, %s %.2f",
                        holds ? "holds" : "MISSED",
                        what,
                        measured,
                        sign,
                        bound));
    }

    /** Prints every bound; answers whether all were held. */
    boolean print() {
        lines.forEach(System.out::println);
        return held;
    }
}
