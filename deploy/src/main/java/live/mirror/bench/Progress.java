package live.mirror.bench;

/** Lines on standard error that show that a benchmark works; figures go to standard output. */
final class Progress {

    private static final long START_NS = System.nanoTime();

    private Progress() {}

    static void say(String line) {
        System.err.printf("[%4d s] %s%n", (System.nanoTime() - START_NS) / 1_000_000_000, line);
    }
}
