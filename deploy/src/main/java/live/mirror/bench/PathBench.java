package live.mirror.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sends numbered messages through a whole Mirror, and through other servers beside it in turn, and
 * counts them at the readers: {@code ROOT TOOLS [--seconds N] [--warm N] [--rounds N] [--with
 * NAME=COMMAND]... [STREAMSxMBPS[xPACKAGERS]...]}.
 */
public final class PathBench {

    private final Path root;
    private final Path tools;
    private final List<String> others = new ArrayList<>();
    private final List<PathLoad> loads = new ArrayList<>();
    private int seconds = 10;
    private int warmSeconds = 10;
    private int rounds = 1;

    private PathBench(String[] arguments) {
        root = Path.of(arguments[0]);
        tools = Path.of(arguments[1]);
        for (int i = 2; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Integer.parseInt(arguments[++i]);
                case "--warm" -> warmSeconds = Integer.parseInt(arguments[++i]);
                case "--rounds" -> rounds = Integer.parseInt(arguments[++i]);
                case "--with" -> others.add(arguments[++i]);
                default -> loads.add(PathLoad.parse(arguments[i]));
            }
        }
        if (loads.isEmpty()) {
            loads.addAll(
                    List.of(
                            new PathLoad(1, 50, 1),
                            new PathLoad(5, 50, 1),
                            new PathLoad(25, 20, 1)));
        }
    }

    /** Measures and prints. */
    public static void main(String[] arguments) throws Exception {
        PathBench bench = new PathBench(arguments);
        System.out.println(PathFigures.HEADING);
        boolean whole = true;
        for (PathLoad load : bench.loads) {
            whole &= bench.run(load);
        }
        System.exit(whole ? 0 : 1);
    }

    /** All servers stay for all rounds of a load; only the first finds them cold. */
    private boolean run(PathLoad load) throws IOException, InterruptedException {
        List<PathServer> servers = new ArrayList<>();
        try {
            servers.add(MirrorPath.start(root, tools.resolve("srtgen")));
            for (String other : others) {
                servers.add(OtherPath.start(other, tools));
            }
            return measure(load, servers);
        } finally {
            for (PathServer server : servers) {
                server.close();
            }
        }
    }

    private boolean measure(PathLoad load, List<PathServer> servers)
            throws IOException, InterruptedException {
        boolean whole = true;
        List<List<Double>> costs = new ArrayList<>();
        servers.forEach(_ -> costs.add(new ArrayList<>()));
        for (int round = 0; round < rounds; round++) {
            int warm = round == 0 ? warmSeconds : PathServer.SETTLE_SECONDS;
            for (int i = 0; i < servers.size(); i++) {
                PathFigures figures = servers.get(i).measure(load, round, warm, seconds);
                System.out.println(figures.line(servers.get(i).name(), load));
                warnOfMissingRate(load, figures);
                costs.get(i).add(figures.serverSeconds());
                // Mirror is the first.
                whole &= i > 0 || (figures.missing() == 0 && figures.wrong() == 0);
            }
        }
        for (int i = 1; i < servers.size(); i++) {
            System.out.printf(
                    Locale.ROOT,
                    "mirror's CPU per delivered gigabyte is %.2f x %s's (medians of %d rounds)%n",
                    median(costs.getFirst()) / median(costs.get(i)),
                    servers.get(i).name(),
                    rounds);
        }
        return whole;
    }

    private void warnOfMissingRate(PathLoad load, PathFigures figures) {
        double share = figures.delivered() / load.messages(seconds);
        if (share < 0.97) {
            System.out.printf(
                    Locale.ROOT,
                    "        the publishers sent less than they should: %.0f %% of the rate; this"
                            + " machine has not enough cores for this load%n",
                    share * 100);
        }
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
