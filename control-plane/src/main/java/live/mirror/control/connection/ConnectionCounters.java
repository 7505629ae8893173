package live.mirror.control.connection;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** How many connections there are, and how many were ended by us, on all listeners. */
public final class ConnectionCounters {

    private final LongAdder open = new LongAdder();
    private final Map<Ending, LongAdder> ended = new EnumMap<>(Ending.class);

    /** All of them 0. */
    public ConnectionCounters() {
        for (Ending ending : Ending.values()) {
            ended.put(ending, new LongAdder());
        }
    }

    void opened() {
        open.increment();
    }

    void closed() {
        open.decrement();
    }

    void ended(Ending ending) {
        counter(ending).increment();
    }

    /** Connections at the moment; those that their peers closed are gone within a second. */
    public long open() {
        return open.sum();
    }

    /** How many were ended for this reason. */
    public long count(Ending ending) {
        return counter(ending).sum();
    }

    private LongAdder counter(Ending ending) {
        return java.util.Objects.requireNonNull(ended.get(ending));
    }
}
