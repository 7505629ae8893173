package live.mirror.control.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.util.Timestamps;

import live.mirror.v1.Refusal;

import java.util.List;
import java.util.Map;

/** Refusals between the message and Redis. */
final class Refusals {

    private static final int MAX_TEXT = 160;

    private Refusals() {}

    static JsonArray toJson(List<Refusal> refusals) {
        JsonArray entries = new JsonArray();
        for (Refusal refusal : refusals) {
            JsonObject entry = new JsonObject();
            entry.addProperty("at", Long.toString(Timestamps.toMillis(refusal.getAt())));
            entry.addProperty("source", printable(refusal.getSource()));
            entry.addProperty("id", printable(refusal.getStreamId()));
            entry.addProperty("reason", Names.of(refusal.getReason()));
            entry.addProperty("srt", Integer.toString(refusal.getSrtCode()));
            entry.addProperty("detail", printable(refusal.getDetail()));
            entry.addProperty("protocol", Names.of(refusal.getProtocol()));
            entry.addProperty("count", Long.toString(Math.max(1, refusal.getCount())));
            entries.add(entry);
        }
        return entries;
    }

    static Refusal read(Map<String, String> fields) {
        var reason = Names.reason(fields.getOrDefault("reason", ""));
        int code = (int) Names.number(fields.getOrDefault("srt", "0"));
        return Refusal.newBuilder()
                .setAt(Timestamps.fromMillis(Names.number(fields.getOrDefault("at", "0"))))
                .setSource(fields.getOrDefault("source", ""))
                .setStreamId(fields.getOrDefault("id", ""))
                .setReason(reason)
                .setSrtCode(code)
                .setDetail(fields.getOrDefault("detail", ""))
                .setWorker(fields.getOrDefault("worker", ""))
                .setProtocol(Names.protocol(fields.getOrDefault("protocol", "")))
                .setCount(Names.number(fields.getOrDefault("count", "1")))
                .build();
    }

    /** Whatever a stranger sent, shortened and without characters that a terminal obeys. */
    static String printable(String text) {
        String shortened = text.length() > MAX_TEXT ? text.substring(0, MAX_TEXT) : text;
        return shortened.replaceAll("[^\\x20-\\x7e]", "?");
    }
}
