package live.mirror.bench;

import live.mirror.deploy.MirrorProcess;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * What a fleet costs one control plane and its Redis: {@code ROOT [--seconds N] [--at-once N]
 * [WORKERSxSTREAMS...]}. For each shape fake workers register, claim all their streams, lose their
 * connections all at once, report for some steady seconds, and at last find a control plane that
 * lost everything. Exit code 1 when a bound is missed.
 */
public final class ControlBench {

    private static final String HEADER =
            "workers streams | claims/s p50-ms p99-ms | storm-s rebuild-s | steady: cp-cores"
                    + " redis-cores generator-cores us/stream/s | heap-MB rss-MB redis-MB |"
                    + " list-p50-ms list-p99-ms worker-p99-ms";

    private final Path root;
    private final int seconds;
    private final int claimsAtOnce;

    private record Shape(int workers, int streams) {

        static Shape parse(String text) {
            String[] parts = text.split("x", -1);
            if (parts.length != 2) {
                throw new IllegalArgumentException("`" + text + "': WORKERSxSTREAMS is wanted");
            }
            return new Shape(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
        }

        int all() {
            return workers * streams;
        }
    }

    private ControlBench(Path root, int seconds, int claimsAtOnce) {
        this.root = root;
        this.seconds = seconds;
        this.claimsAtOnce = claimsAtOnce;
    }

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        int seconds = 20;
        int claimsAtOnce = 64;
        List<Shape> shapes = new ArrayList<>();
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals("--seconds")) {
                seconds = Integer.parseInt(arguments[++i]);
            } else if (arguments[i].equals("--at-once")) {
                claimsAtOnce = Integer.parseInt(arguments[++i]);
            } else {
                shapes.add(Shape.parse(arguments[i]));
            }
        }
        if (shapes.isEmpty()) {
            shapes.addAll(List.of(new Shape(10, 100), new Shape(100, 100), new Shape(1_000, 100)));
        }
        ControlBench bench = new ControlBench(Path.of(arguments[0]), seconds, claimsAtOnce);
        ControlBounds bounds = new ControlBounds();
        System.out.println(HEADER);
        for (Shape shape : shapes) {
            ControlFigures figures = bench.run(shape);
            System.out.println(figures.line());
            bounds.hold(figures);
        }
        System.exit(bounds.print() ? 0 : 1);
    }

    private ControlFigures run(Shape shape) throws Exception {
        Map<String, String> settings = MirrorProcess.controlPlaneSettings();
        settings.put("admission.max-streams", "1000000");
        ControlFigures figures = new ControlFigures(shape.workers(), shape.all());
        try (MeasuredControlPlane control = new MeasuredControlPlane(root, settings);
                Fleet fleet =
                        new Fleet(
                                shape.workers(),
                                shape.streams(),
                                claimsAtOnce,
                                control.port("link"))) {
            Progress.say(shape + ": " + control.pids());
            fleet.start();
            fleet.warm(new Warmth(control));
            figures.claims = fleet.claimAll();
            say(fleet, "claimed");
            figures.stormSeconds = fleet.cutAll();
            // The first reports after a registration are full ones.
            fleet.awaitReports(3);
            control.awaitStreams(shape.all());
            say(fleet, "begun");
            steady(shape, control, fleet, figures);
            long registrations = fleet.counters().registrations.sum();
            control.killAndStartAgain();
            long startNs = System.nanoTime();
            fleet.awaitRegistrations("rebuild", registrations + shape.workers());
            control.awaitStreams(shape.all());
            figures.rebuildSeconds = (System.nanoTime() - startNs) / 1e9;
            say(fleet, "rebuilt");
            figures.fenced = fleet.counters().fenced.sum();
        }
        return figures;
    }

    /**
     * Asked ten times a second: whether the compilers have been idle for two seconds, or have had a
     * minute.
     */
    private static final class Warmth implements BooleanSupplier {
        private static final int TIMES_A_SECOND = 10;

        private final MeasuredControlPlane control;
        private int asked;
        private int idleSeconds;

        Warmth(MeasuredControlPlane control) {
            this.control = control;
        }

        @Override
        public boolean getAsBoolean() {
            if (++asked % TIMES_A_SECOND == 0) {
                idleSeconds = control.compilersAreIdle() ? idleSeconds + 1 : 0;
            }
            return idleSeconds >= 2 || asked >= 60 * TIMES_A_SECOND;
        }
    }

    private void steady(
            Shape shape, MeasuredControlPlane control, Fleet fleet, ControlFigures figures)
            throws Exception {
        long lostBefore = fleet.counters().linksLost.sum();
        figures.steady = control.measure(seconds);
        figures.list = control.list(shape.all());
        control.awaitStreams(shape.all());
        figures.linksLost = fleet.counters().linksLost.sum() - lostBefore;
        say(fleet, "steady");
    }

    private static void say(Fleet fleet, String what) {
        Progress.say(what + "; went wrong until then: " + fleet.counters().takeProblems());
    }
}
