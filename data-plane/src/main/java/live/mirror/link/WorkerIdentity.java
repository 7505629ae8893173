package live.mirror.link;

import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerCapacity;

/**
 * Who this worker is.
 *
 * @param id chosen by configuration
 * @param incarnation drawn at the start of the process, so that a restart is told from a reconnect
 * @param addresses where it can be reached
 * @param capacity how much it takes
 * @param version of Mirror
 */
public record WorkerIdentity(
        String id,
        long incarnation,
        WorkerAddresses addresses,
        WorkerCapacity capacity,
        String version) {}
