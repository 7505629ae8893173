package live.mirror.control.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import org.jspecify.annotations.Nullable;

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
 * Calls of one script on their way to Redis. Those that come while others are under way go together
 * in one run of the script, which answers each in its turn: what all of them need is sent, read and
 * written once, which saves Redis half of the work when they come in a storm, and costs a lone call
 * nothing. Its runners, which are virtual threads, have one run each at Redis at a time, so that no
 * kind of call has the others wait behind more than that.
 */
final class ScriptQueue implements AutoCloseable {

    /** Some 2 ms of Redis's time, which others have to wait for. */
    private static final int LOT = 32;

    /** More than this wait longer than the timeout in any case. */
    private static final int CAPACITY = 2_048;

    private final RedisScripts scripts;
    private final String script;
    private final Supplier<JsonObject> limits;
    private final Duration timeout;
    private final BlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(CAPACITY);
    private final List<Thread> runners = new ArrayList<>();

    private record Waiting(JsonObject call, int weight, CompletableFuture<List<?>> answer) {}

    /**
     * Starts.
     *
     * @param script takes a list of {@code calls} and answers a list
     * @param runners how many lots are at Redis at a time; with two, one is made up meanwhile
     * @param limits what all calls have in common, as of now
     * @param timeout how long a call waits for its turn, and then for Redis
     */
    ScriptQueue(
            RedisScripts scripts,
            String script,
            int runners,
            Supplier<JsonObject> limits,
            Duration timeout) {
        this.scripts = scripts;
        this.script = script;
        this.limits = limits;
        this.timeout = timeout;
        for (int i = 0; i < runners; i++) {
            this.runners.add(Thread.ofVirtual().name(script + "-" + i).start(this::run));
        }
    }

    /**
     * What the script answers to one call. Blocks for twice the timeout at most.
     *
     * @param weight what it takes of a lot; 1 is a claim
     */
    List<?> call(JsonObject call, int weight) {
        Waiting waiting = new Waiting(call, weight, new CompletableFuture<>());
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
                int weight = 0;
                for (Waiting next = queue.take(); next != null; next = next(weight)) {
                    if (!next.answer().isDone()) {
                        lot.add(next);
                        weight += next.weight();
                    }
                }
                if (!lot.isEmpty()) {
                    run(lot);
                }
                lot.clear();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One more for a lot that has room; null when there is none. */
    private @Nullable Waiting next(int weight) {
        return weight < LOT ? queue.poll() : null;
    }

    private void run(List<Waiting> lot) {
        try {
            JsonObject arguments = limits.get();
            JsonArray calls = new JsonArray(lot.size());
            lot.forEach(waiting -> calls.add(waiting.call()));
            arguments.add("calls", calls);
            List<?> answers = scripts.run(script, arguments);
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
