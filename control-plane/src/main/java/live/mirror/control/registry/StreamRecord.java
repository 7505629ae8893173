package live.mirror.control.registry;

import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;

import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamStatus;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A stream as it stands in Redis, fields by name; those that this version does not know stay as
 * they are.
 *
 * @param id stream id
 * @param fields the hash
 */
public record StreamRecord(String id, Map<String, String> fields) {

    /**
     * A stream as it was just after an event, behind which there may be others already.
     *
     * @param now as it stands in Redis, for what the event does not tell; empty when it is gone
     */
    public static StreamRecord after(EventFeed.Event event, Optional<StreamRecord> now) {
        Map<String, String> fields = new HashMap<>(now.map(StreamRecord::fields).orElse(Map.of()));
        if (!event.get("status").equals(fields.get("status"))) {
            fields.remove("deadline");
        }
        List.of("status", "epoch", "reason", "protocol")
                .forEach(field -> fields.put(field, event.get(field)));
        fields.put("worker", event.get("status").equals("STOPPED") ? "" : event.get("worker"));
        fields.put("changed", Long.toString(Timestamps.toMillis(event.at())));
        return new StreamRecord(event.get("id"), fields);
    }

    /** The fence of its current or last session. */
    public long epoch() {
        return number("epoch");
    }

    /** The worker that holds it; empty when none does. */
    public String worker() {
        return fields.getOrDefault("worker", "");
    }

    /** Where it stands. */
    public StreamStatus status() {
        return Names.status(fields.getOrDefault("status", ""));
    }

    /** What the registry knows of it; figures, metadata and addresses come from elsewhere. */
    public Stream.Builder toStream() {
        Stream.Builder stream =
                Stream.newBuilder()
                        .setId(id)
                        .setProtocol(protocol())
                        .setStatus(status())
                        .setEpoch(epoch())
                        .setWorker(worker())
                        .setStartedAt(time("started"))
                        .setChangedAt(time("changed"))
                        .setLastReason(reason())
                        .setReconnectCount((int) number("reconnects"));
        if (status() == StreamStatus.STREAM_STATUS_RECONNECTING && fields.containsKey("deadline")) {
            stream.setReconnectDeadline(time("deadline"));
        }
        stream.getMetadataBuilder().setSource(fields.getOrDefault("source", ""));
        stream.getStatsBuilder();
        return stream;
    }

    private Protocol protocol() {
        return Names.protocol(fields.getOrDefault("protocol", ""));
    }

    private Reason reason() {
        return Names.reason(fields.getOrDefault("reason", ""));
    }

    private Timestamp time(String field) {
        return Timestamps.fromMillis(number(field));
    }

    private long number(String field) {
        return Names.number(fields.getOrDefault(field, "0"));
    }
}
