package live.mirror.bench;

import io.grpc.Status;

import live.mirror.v1.FencedStream;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What happened to the workers of a fleet. Any thread. */
final class FleetCounters {

    /** Workers whose registration stands now. */
    final AtomicInteger registered = new AtomicInteger();

    final LongAdder registrations = new LongAdder();
    final LongAdder reports = new LongAdder();
    final LongAdder fenced = new LongAdder();
    final LongAdder linksLost = new LongAdder();

    /** How often something went wrong, by what it was. */
    private final Map<String, LongAdder> problems = new ConcurrentHashMap<>();

    void lostLink(String why) {
        linksLost.increment();
        problem(why);
    }

    void failedRegistration(Status status) {
        problem("registration: " + status.getCode() + " " + status.getDescription());
    }

    void fenced(String worker, FencedStream stream) {
        fenced.increment();
        problem("fenced: " + stream.getReason());
    }

    void problem(String what) {
        problems.computeIfAbsent(firstLine(what), _ -> new LongAdder()).increment();
    }

    /** All problems since the last call, with their counts. */
    Map<String, Long> takeProblems() {
        Map<String, Long> taken = new TreeMap<>();
        problems.forEach((what, count) -> taken.put(what, count.sumThenReset()));
        taken.values().removeIf(count -> count == 0);
        return taken;
    }

    private static String firstLine(String text) {
        int end = text.indexOf('\n');
        String line = end < 0 ? text : text.substring(0, end);
        // Ports and deadlines in a message would make each a kind of its own.
        String kind = line.replaceAll("\\d+", "N");
        return kind.substring(0, Math.min(kind.length(), 120));
    }
}
