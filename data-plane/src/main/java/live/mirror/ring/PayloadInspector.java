package live.mirror.ring;

import java.lang.foreign.MemorySegment;

/** Looks at each payload on its way into the ring, in the writer's thread; must not keep it. */
@FunctionalInterface
public interface PayloadInspector {

    /** Sees nothing. */
    PayloadInspector NONE = (_, _, _) -> 0;

    /**
     * Looks at one payload.
     *
     * @param memory holds the payload, and things that are none of the inspector's business
     * @param offset where the payload begins
     * @param length its bytes
     * @return the flags that it deserves, {@link RecordFlags#RANDOM_ACCESS} or {@link
     *     RecordFlags#TABLES}
     */
    int inspect(MemorySegment memory, long offset, int length);

    /** What comes now is from another source: a new epoch, or a restart inside its session. */
    default void restart() {}
}
