package live.mirror.control.registry;

import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerStatus;

import java.util.Base64;
import java.util.Map;

/**
 * A worker as it stands in Redis.
 *
 * @param id worker id
 * @param leaseLeftMs how long its lease still runs; 0 or less when it is over
 * @param leaseMs the whole lease
 * @param fields the hash
 */
public record WorkerRecord(String id, long leaseLeftMs, long leaseMs, Map<String, String> fields) {

    /** The number of its process life. */
    public long epoch() {
        return Names.number(fields.getOrDefault("epoch", "0"));
    }

    /** SUSPECT from half of the lease without a word on, LOST when it is over. */
    public WorkerStatus status() {
        if (leaseLeftMs <= 0) {
            return WorkerStatus.WORKER_STATUS_LOST;
        }
        return leaseLeftMs <= leaseMs / 2
                ? WorkerStatus.WORKER_STATUS_SUSPECT
                : WorkerStatus.WORKER_STATUS_LIVE;
    }

    /** Where it can be reached. */
    public WorkerAddresses addresses() {
        return addresses(fields.getOrDefault("addresses", ""));
    }

    /** The link address of the replica to which it reports. */
    public String replica() {
        return fields.getOrDefault("replica", "");
    }

    static WorkerAddresses addresses(String text) {
        try {
            return WorkerAddresses.parseFrom(Base64.getDecoder().decode(text));
        } catch (com.google.protobuf.InvalidProtocolBufferException | IllegalArgumentException e) {
            // Written by somebody else; as good as unknown until the worker registers again.
            return WorkerAddresses.getDefaultInstance();
        }
    }

    /** A number out of the hash, 0 when it is not there. */
    public long number(String field) {
        return Names.number(fields.getOrDefault(field, "0"));
    }

    /** Whether it takes nothing new, by its own or an operator's will. */
    public boolean draining() {
        return "1".equals(fields.get("draining")) || "1".equals(fields.get("drain"));
    }
}
