package live.mirror.stream;

import live.mirror.contract.StreamId;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * The definitions that this worker knows. Any thread reads, without a lock: the gate does, in a
 * receive thread. Whoever hears of a change puts a whole new table in.
 */
public final class Definitions {

    private volatile Table table = new Table(false, Map.of());
    private final List<Consumer<Collection<Definition>>> listeners = new CopyOnWriteArrayList<>();

    private record Table(boolean definedOnly, Map<StreamId, Definition> byId) {}

    /**
     * Hears of every new table, on the thread that puts it in: must be quick. Is told of the
     * present one at once.
     */
    public void addListener(Consumer<Collection<Definition>> listener) {
        listeners.add(listener);
        listener.accept(table.byId.values());
    }

    /** What is laid down for a stream. */
    public Optional<Definition> find(StreamId id) {
        return Optional.ofNullable(table.byId.get(id));
    }

    /** Whether only defined streams are taken. */
    public boolean definedOnly() {
        return table.definedOnly;
    }

    /** From now on these hold, and no others. */
    public void replace(boolean definedOnly, Collection<Definition> definitions) {
        table =
                new Table(
                        definedOnly,
                        definitions.stream()
                                .collect(
                                        Collectors.toUnmodifiableMap(
                                                Definition::id, each -> each)));
        listeners.forEach(listener -> listener.accept(table.byId.values()));
    }
}
