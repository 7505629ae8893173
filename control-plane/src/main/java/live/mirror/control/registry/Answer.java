package live.mirror.control.registry;

import live.mirror.v1.Grant;
import live.mirror.v1.Pulls;
import live.mirror.v1.Reason;
import live.mirror.v1.Room;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerAddresses;

import java.util.List;
import java.util.Optional;

/**
 * What a script said.
 *
 * @param <T> what it gives when it did what was asked
 */
public sealed interface Answer<T> {

    /**
     * Done.
     *
     * @param value what came of it
     */
    record Done<T>(T value) implements Answer<T> {}

    /**
     * Not done.
     *
     * @param reason why not
     * @param detail one sentence for people
     * @param room what is left for new streams, where that is known
     */
    record Refused<T>(Reason reason, String detail, Optional<Room> room) implements Answer<T> {}

    /**
     * A worker is registered.
     *
     * @param epoch number of its process life
     * @param room what is left for new streams
     * @param fenced what it held and must let go
     * @param grant what it may admit alone
     * @param drained whether an operator has taken it out of service
     * @param pulls the sources that it dials
     * @param known whether the registry heard of it last from this replica, and has all that it
     *     holds as it was told here
     */
    record Registered(
            long epoch,
            Room room,
            List<Fenced> fenced,
            Grant grant,
            boolean drained,
            Pulls pulls,
            boolean known) {}

    /**
     * A publisher is admitted.
     *
     * @param epoch the fence of its session
     * @param kbps what is reserved, in kilobits per second
     * @param windowMs the stream's reconnect window
     * @param room what is left for new streams
     */
    record Claimed(long epoch, long kbps, long windowMs, Room room) {}

    /**
     * A session's end is written down.
     *
     * @param status where the stream stands now
     * @param windowLeftMs what is left of the reconnect window
     * @param room what is left for new streams
     */
    record Released(StreamStatus status, long windowLeftMs, Room room) {}

    /**
     * A lease is renewed.
     *
     * @param room what is left for new streams
     * @param fenced what the worker reported and must let go
     * @param grant what it may admit alone
     * @param pulls the sources that it dials, if they are others than it knows
     */
    record Renewed(Room room, List<Fenced> fenced, Grant grant, Optional<Pulls> pulls) {}

    /**
     * A worker is chosen for a publisher.
     *
     * @param worker worker id
     * @param addresses where it can be reached
     */
    record Allocated(String worker, WorkerAddresses addresses) {}

    /**
     * A stream that is not the worker's any more.
     *
     * @param id stream id
     * @param epoch the session that is meant
     * @param reason why
     * @param movedTo host:port of the delivery service that has it now; empty for none
     */
    record Fenced(String id, long epoch, Reason reason, String movedTo) {}
}
