package live.mirror.control.worker;

import live.mirror.control.registry.EventFeed;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.RegistryAwayException;
import live.mirror.control.registry.StoredDefinitions;
import live.mirror.v1.Definitions;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TokenKey;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * All definitions in memory, for what workers are told. A virtual thread of its own reads what
 * changed whenever an event says so, and every few seconds in any case. When the registry lost its
 * definitions, what is here is written back.
 */
public final class DefinitionStore implements AutoCloseable {

    private static final long POLL_S = 2;

    private final Registry registry;
    private final boolean definedOnly;
    private final TokenKey tokenKey;
    private final Semaphore wanted = new Semaphore(1);
    private final Runnable changed;
    private final Thread thread;
    private volatile boolean closed;
    private volatile State state = new State(0, Map.of(), Map.of());

    /** Replaced as a whole by the store's thread. */
    private record State(
            long version, Map<String, StreamDefinition> definitions, Map<String, Long> deleted) {}

    /**
     * Starts.
     *
     * @param changed called on the store's thread when there is something new to tell workers
     */
    public DefinitionStore(
            Registry registry, boolean definedOnly, TokenKey tokenKey, Runnable changed) {
        this.registry = registry;
        this.changed = changed;
        this.definedOnly = definedOnly;
        this.tokenKey = tokenKey;
        this.thread = Thread.ofVirtual().name("definitions").unstarted(this::run);
        thread.start();
    }

    /**
     * Reads again if the event says that definitions changed, or that a worker registers, which it
     * does when the registry was lost. Does not block.
     */
    public void onEvent(EventFeed.Event event) {
        String kind = event.get("kind");
        if (kind.equals("definitions") || kind.equals("worker")) {
            wanted.release();
        }
    }

    /** Everything a worker has to know. */
    Definitions full() {
        State now = state;
        return answer(now).setFull(true).addAllDefinitions(now.definitions().values()).build();
    }

    /** What changed since the version that a worker has; empty when nothing did. */
    Optional<Definitions> since(long version) {
        State now = state;
        if (version == now.version()) {
            return Optional.empty();
        }
        if (version == 0 || version > now.version()) {
            // A worker that is ahead has heard of them at another replica, or the registry began
            // anew.
            return version > now.version() && now.version() > 0
                    ? Optional.empty()
                    : Optional.of(full());
        }
        return Optional.of(
                answer(now)
                        .addAllDefinitions(
                                now.definitions().values().stream()
                                        .filter(definition -> definition.getVersion() > version)
                                        .toList())
                        .addAllDeleted(
                                now.deleted().entrySet().stream()
                                        .filter(entry -> entry.getValue() > version)
                                        .map(Map.Entry::getKey)
                                        .toList())
                        .build());
    }

    private Definitions.Builder answer(State now) {
        return Definitions.newBuilder()
                .setVersion(now.version())
                .setDefinedOnly(definedOnly)
                .addTokenKeys(tokenKey);
    }

    private void run() {
        try {
            while (!closed) {
                try {
                    refresh();
                } catch (RegistryAwayException e) {
                    // The sweeper has logged it; workers go on with what they have.
                    wanted.drainPermits();
                }
                boolean told = wanted.tryAcquire(POLL_S, TimeUnit.SECONDS);
                if (told) {
                    wanted.drainPermits();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refresh() {
        State before = state;
        StoredDefinitions.Changes changes = registry.definitions().since(before.version());
        if (changes.full() && changes.version() < before.version()) {
            before.definitions().values().forEach(registry.definitions()::restore);
            changes = registry.definitions().since(0);
        }
        if (changes.version() == before.version() && before.version() > 0) {
            return;
        }
        Map<String, StreamDefinition> definitions =
                new TreeMap<>(changes.full() ? Map.of() : before.definitions());
        Map<String, Long> deleted = new HashMap<>(changes.full() ? Map.of() : before.deleted());
        List<String> gone = changes.deleted();
        for (String id : gone) {
            definitions.remove(id);
            deleted.put(id, changes.version());
        }
        for (StreamDefinition definition : changes.definitions()) {
            definitions.put(definition.getId(), definition);
            deleted.remove(definition.getId());
        }
        state = new State(changes.version(), definitions, deleted);
        if (changes.version() != before.version()) {
            changed.run();
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }
}
