package live.mirror.control.api;

import live.mirror.control.registry.EventFeed;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Hands the registry's events to whoever watches. Each watcher has a bounded queue; one that does
 * not keep up loses it and begins anew with the whole.
 */
public final class Watchers {

    private static final int QUEUE = 1_024;
    private static final int MAX_WATCHERS = 1_000;

    /** The kinds of events that watchers are told. */
    private static final Set<String> TOLD = Set.of("stream", "alarm");

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private final LongAdder laps = new LongAdder();

    /** Nobody yet. */
    public Watchers() {}

    /** One watcher. Used by its own thread; the feed's thread only adds. */
    final class Watch implements AutoCloseable {
        private final BlockingQueue<EventFeed.Event> queue = new ArrayBlockingQueue<>(QUEUE);
        private volatile boolean lapped;

        /** The next event, or nothing when none came in time. */
        Optional<EventFeed.Event> next(Duration limit) throws InterruptedException {
            return Optional.ofNullable(queue.poll(limit.toMillis(), TimeUnit.MILLISECONDS));
        }

        /** Whether events were lost since the last call. */
        boolean takeLapped() {
            boolean was = lapped;
            if (was) {
                queue.clear();
                lapped = false;
            }
            return was;
        }

        private void add(EventFeed.Event event) {
            if (!queue.offer(event) && !lapped) {
                lapped = true;
                laps.increment();
            }
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }

    /** Hears of an event. Does not block. */
    public void onEvent(EventFeed.Event event) {
        if (event.isBreak() || TOLD.contains(event.get("kind"))) {
            watches.forEach(watch -> watch.add(event));
        }
    }

    /** How many watch. */
    public int size() {
        return watches.size();
    }

    /** How often a watcher was too slow for its queue and began anew. */
    public long lapped() {
        return laps.sum();
    }

    /** Begins to watch, if there are not too many who do. */
    Optional<Watch> open() {
        if (watches.size() >= MAX_WATCHERS) {
            return Optional.empty();
        }
        Watch watch = new Watch();
        watches.add(watch);
        return Optional.of(watch);
    }
}
