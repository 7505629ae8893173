package live.mirror.control.registry;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import com.google.protobuf.util.Timestamps;

import live.mirror.v1.StreamStats;
import live.mirror.v1.TimelineEntry;

import java.util.Base64;
import java.util.Map;

/** Timeline entries as they come out of Redis: objects of JSON whose values are all text. */
final class Timelines {

    private static final TypeToken<Map<String, String>> FIELDS = new TypeToken<>() {};
    private static final Gson GSON = new Gson();

    private Timelines() {}

    static TimelineEntry read(String json) {
        Map<String, String> fields = GSON.fromJson(json, FIELDS);
        TimelineEntry.Builder entry =
                TimelineEntry.newBuilder()
                        .setAt(Timestamps.fromMillis(Names.number(fields.getOrDefault("at", "0"))))
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
