package live.mirror.control.registry;

import com.google.protobuf.util.Timestamps;

import live.mirror.v1.StreamStats;
import live.mirror.v1.TimelineEntry;

import java.util.Base64;
import java.util.Map;

/** Timeline entries as they come out of Redis; an entry's id begins with its time. */
final class Timelines {

    private Timelines() {}

    static TimelineEntry read(String id, Map<String, String> fields) {
        TimelineEntry.Builder entry =
                TimelineEntry.newBuilder()
                        .setAt(Timestamps.fromMillis(Names.number(id.split("-", 2)[0])))
                        .setStatus(Names.status(fields.getOrDefault("status", "")))
                        .setEpoch(Names.number(fields.getOrDefault("epoch", "0")))
                        .setWorker(fields.getOrDefault("worker", ""))
                        .setReason(Names.reason(fields.getOrDefault("reason", "")))
                        .setSide(fields.getOrDefault("side", ""))
                        .setDetail(fields.getOrDefault("detail", ""));
        String figures = fields.getOrDefault("figures", "");
        if (!figures.isEmpty()) {
            try {
                entry.setStats(StreamStats.parseFrom(Base64.getDecoder().decode(figures)));
            } catch (com.google.protobuf.InvalidProtocolBufferException
                    | IllegalArgumentException e) {
                // The entry is true without its figures.
                entry.clearStats();
            }
        }
        return entry.build();
    }
}
