package live.mirror.deploy;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * What workers asked and were told, each with the time at which it was sent and at which the answer
 * came, and whether any of it contradicts the rest. Only certainties count: a stream is surely a
 * worker's from the answer to its claim until it is released, as long as the worker's lease has
 * surely not lapsed in between.
 */
final class ClaimHistory {

    private final long leaseNs;
    private final Queue<Holding> holdings = new ConcurrentLinkedQueue<>();
    private final Map<String, Queue<Renewal>> renewals = new ConcurrentHashMap<>();

    /** The lease of a worker was renewed at some time between the two. */
    private record Renewal(long sentNs, long answeredNs) {}

    /** A stream that a worker was given. */
    static final class Holding {
        private final String stream;
        private final String worker;
        private final long epoch;
        private final long askedNs;
        private final long answeredNs;
        private volatile long endedNs = Long.MAX_VALUE;
        private volatile boolean fenced;

        private Holding(String stream, String worker, long epoch, long askedNs, long answeredNs) {
            this.stream = stream;
            this.worker = worker;
            this.epoch = epoch;
            this.askedNs = askedNs;
            this.answeredNs = answeredNs;
        }

        String stream() {
            return stream;
        }

        long epoch() {
            return epoch;
        }

        /** The worker is about to give it back. */
        void released() {
            endedNs = System.nanoTime();
        }

        /** The worker was told that it is not its own any more. */
        void fenced() {
            fenced = true;
            endedNs = System.nanoTime();
        }

        @Override
        public String toString() {
            return stream + " at " + worker + " with epoch " + epoch;
        }
    }

    /** A holding from the answer on until it surely was somebody's no more. */
    private record Span(Holding holding, long fromNs, long toNs) {}

    ClaimHistory(long leaseNs) {
        this.leaseNs = leaseNs;
    }

    Holding admitted(String stream, String worker, long epoch, long askedNs) {
        Holding holding = new Holding(stream, worker, epoch, askedNs, System.nanoTime());
        holdings.add(holding);
        return holding;
    }

    void renewed(String worker, long sentNs) {
        renewals.computeIfAbsent(worker, _ -> new ConcurrentLinkedQueue<>())
                .add(new Renewal(sentNs, System.nanoTime()));
    }

    int admissions() {
        return holdings.size();
    }

    /** How many holdings a worker lost that it had not released. */
    long fencings() {
        return holdings.stream().filter(holding -> holding.fenced).count();
    }

    /** Everything that must not be, once nothing more comes. */
    List<String> problems(int places) {
        List<String> problems = new ArrayList<>();
        List<Span> spans =
                holdings.stream()
                        .map(this::span)
                        .sorted(Comparator.comparingLong(Span::fromNs))
                        .toList();
        Map<String, List<Span>> byStream =
                spans.stream().collect(Collectors.groupingBy(span -> span.holding.stream));
        byStream.values().forEach(ofOne -> checkFences(ofOne, problems));
        byStream.values().forEach(ofOne -> checkOwners(ofOne, problems));
        checkPlaces(spans, places, problems);
        checkFencings(spans, problems);
        return problems;
    }

    private Span span(Holding holding) {
        long to = Math.min(holding.endedNs, lapsesNs(holding.worker, holding.answeredNs));
        return new Span(holding, holding.answeredNs, Math.max(to, holding.answeredNs));
    }

    /** The first time from this one on at which the worker may have had no lease. */
    private long lapsesNs(String worker, long fromNs) {
        long coveredNs = Long.MIN_VALUE;
        for (Renewal renewal : renewals.getOrDefault(worker, new ConcurrentLinkedQueue<>())) {
            if (coveredNs > fromNs && renewal.answeredNs > coveredNs) {
                return coveredNs;
            }
            coveredNs = Math.max(coveredNs, renewal.sentNs + leaseNs);
        }
        return Math.max(coveredNs, fromNs);
    }

    /**
     * Epochs grow in the order of what surely came one after the other, and no two are the same.
     */
    private static void checkFences(List<Span> ofOne, List<String> problems) {
        Set<Long> seen = new HashSet<>();
        for (Span later : ofOne) {
            if (!seen.add(later.holding.epoch)) {
                problems.add("the epoch was given before: " + later.holding);
            }
            for (Span earlier : ofOne) {
                if (earlier.holding.answeredNs < later.holding.askedNs
                        && earlier.holding.epoch >= later.holding.epoch) {
                    problems.add(later.holding + " came after " + earlier.holding);
                }
            }
        }
    }

    private static void checkOwners(List<Span> ofOne, List<String> problems) {
        for (int i = 0; i + 1 < ofOne.size(); i++) {
            for (int j = i + 1; j < ofOne.size(); j++) {
                if (ofOne.get(j).fromNs < ofOne.get(i).toNs
                        && ofOne.get(j).toNs > ofOne.get(j).fromNs) {
                    problems.add(
                            "two owners: " + ofOne.get(i).holding + " and " + ofOne.get(j).holding);
                }
            }
        }
    }

    private static void checkPlaces(Collection<Span> spans, int places, List<String> problems) {
        TreeMap<Long, Integer> changes = new TreeMap<>();
        for (Span span : spans) {
            if (span.toNs > span.fromNs) {
                changes.merge(span.fromNs, 1, Integer::sum);
                changes.merge(span.toNs, -1, Integer::sum);
            }
        }
        int taken = 0;
        int most = 0;
        for (int change : changes.values()) {
            taken += change;
            most = Math.max(most, taken);
        }
        if (most > places) {
            problems.add(most + " streams were held at once, with places for " + places);
        }
        if (most < places) {
            problems.add("no more than " + most + " streams were held: the limit was not tried");
        }
    }

    /** Nobody loses a stream whose lease did not lapse: nobody else could take it over here. */
    private void checkFencings(List<Span> spans, List<String> problems) {
        Map<String, Integer> lost = new HashMap<>();
        for (Span span : spans) {
            if (span.holding.fenced && span.toNs == span.holding.endedNs) {
                lost.merge(span.holding.toString(), 1, Integer::sum);
            }
        }
        lost.keySet().forEach(holding -> problems.add("lost without a reason: " + holding));
    }
}
