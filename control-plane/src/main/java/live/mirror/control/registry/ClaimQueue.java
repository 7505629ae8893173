package live.mirror.control.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Claims on their way to Redis. Those that come while others are under way go together in one run
 * of the script, which decides on each in its turn: what all of them need is sent, read and written
 * once, which saves Redis half of the work when publishers come in a storm, and costs a lone claim
 * nothing. Two virtual threads take turns, so that one lot is made up while Redis has the other.
 */
final class ClaimQueue implements AutoCloseable {

    /** Some 2 ms of Redis's time, which others have to wait for. */
    private static final int LOT = 32;

    /** More than this wait longer than the timeout in any case. */
    private static final int CAPACITY = 2_048;

    private static final int RUNNERS = 2;

    private final RedisScripts scripts;
    private final Supplier<JsonObject> limits;
    private final Duration timeout;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final List<Thread> runners = new ArrayList<>();

    private record Waiting(JsonObject claim, CompletableFuture<List<?>> answer) {}

    /**
     * Starts.
     *
     * @param limits what all claims have in common, as of now
     * @param timeout how long a claim waits for its turn, and then for Redis
     */
    ClaimQueue(RedisScripts scripts, Supplier<JsonObject> limits, Duration timeout) {
        this.scripts = scripts;
        this.limits = limits;
        this.timeout = timeout;
        for (int i = 0; i < RUNNERS; i++) {
            runners.add(Thread.ofVirtual().name("claims-" + i).start(this::run));
        }
    }

    /** What the script answers to one claim. Blocks for twice the timeout at most. */
    List<?> decide(JsonObject claim) {
        Waiting waiting = new Waiting(claim, new CompletableFuture<>());
        if (!queue.offer(waiting)) {
            throw new RegistryAwayException("the registry is overloaded");
        }
        try {
            return waiting.answer().get(timeout.toMillis() * 2, TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RegistryAwayException away
                    ? away
                    : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            // Not asked any more if it is not under way yet.
            waiting.answer().cancel(false);
            throw new RegistryAwayException("the registry is overloaded", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryAwayException("interrupted", e);
        }
    }

    private void run() {
        List<Waiting> lot = new ArrayList<>(LOT);
        try {
            while (true) {
                lot.add(queue.take());
                queue.drainTo(lot, LOT - 1);
                lot.removeIf(waiting -> waiting.answer().isDone());
                if (!lot.isEmpty()) {
                    decide(lot);
                }
                lot.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void decide(List<Waiting> lot) {
        try {
            JsonObject arguments = limits.get();
            JsonArray claims = new JsonArray(lot.size());
            lot.forEach(waiting -> claims.add(waiting.claim()));
            arguments.add("claims", claims);
            List<?> answers = scripts.run("claim", arguments);
            for (int i = 0; i < lot.size(); i++) {
                lot.get(i).answer().complete((List<?>) answers.get(i));
            }
        } catch (RuntimeException e) {
            lot.forEach(waiting -> waiting.answer().completeExceptionally(e));
        }
    }

    @Override
    public void close() {
        runners.forEach(Thread::interrupt);
        runners.forEach(Threads::join);
    }
}
