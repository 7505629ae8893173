package live.mirror.stream;

import live.mirror.v1.PullReport;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The sources that this worker dials, as the control plane assigned them: a worker has each of them
 * alone. While the control plane is away the last ones hold. The link's thread writes.
 */
public final class Pulls {

    private final List<Consumer<Collection<Definition>>> listeners = new CopyOnWriteArrayList<>();
    private volatile Collection<Definition> table = List.of();
    private volatile Supplier<List<PullReport>> reports = List::of;

    /** Nothing to dial. */
    public Pulls() {}

    /**
     * Hears of every new table, on the link's thread: must be quick. Each definition in it has a
     * pull source and is not disabled; whoever dials hangs up what is not in it any more. Is told
     * of the present one at once.
     */
    public void addListener(Consumer<Collection<Definition>> listener) {
        listeners.add(listener);
        listener.accept(table);
    }

    /** Tells, each second and on the link's thread, how the sources are doing. */
    public void reportWith(Supplier<List<PullReport>> supplier) {
        reports = supplier;
    }

    /** How the sources are doing. */
    public List<PullReport> reports() {
        return reports.get();
    }

    /** From now on these are dialled, and no others. */
    public void replace(Collection<Definition> definitions) {
        table = List.copyOf(definitions);
        listeners.forEach(listener -> listener.accept(table));
    }
}
