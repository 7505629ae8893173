package live.mirror.control.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;

import live.mirror.contract.IpAddress;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * JSON schemas of single values, as the OpenAPI document shows them. What {@link Definitions}
 * refuses in a field for itself stands here too, so that a client can know before it asks.
 */
final class Schema {

    static final String STREAM_ID = "[A-Za-z0-9][A-Za-z0-9._~/-]{0,127}";
    static final String WORKER_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private static final Map<String, Consumer<JsonObject>> RULES =
            Map.ofEntries(
                    Map.entry("StreamDefinition.id", pattern("|" + STREAM_ID)),
                    Map.entry("StreamDefinition.publish_key", pattern("|" + Definitions.KEY)),
                    Map.entry("StreamDefinition.passphrase", pattern("|" + Definitions.PASSPHRASE)),
                    Map.entry("StreamDefinition.expected_kbps", range(0, 10_000_000)),
                    Map.entry("ReconnectDefinition.delay_ms", range(0, 3_600_000)),
                    Map.entry("ReconnectDefinition.max_attempts", range(0, 1_000)),
                    Map.entry("SrtDefinition.key_bytes", Schema::keyBytes),
                    Map.entry("SrtDefinition.latency_ms", range(0, 8_000)),
                    Map.entry("SrtDefinition.max_latency_ms", range(0, 8_000)),
                    Map.entry("SrtDefinition.peer_idle_ms", range(0, 60_000)),
                    Map.entry("SrtDefinition.reorder_tolerance_packets", range(0, 1_000)),
                    Map.entry("SrtDefinition.passphrase_version", range(0, 1_000_000)),
                    Map.entry(
                            "SrtDefinition.packet_filter",
                            pattern("|" + Definitions.PACKET_FILTER)),
                    Map.entry("PullSource.host", pattern(Definitions.HOST)),
                    Map.entry("PullSource.port", range(1, 65_535)),
                    Map.entry("PullSource.stream_id", pattern(Definitions.REMOTE_ID)),
                    Map.entry("PullSource.backoff_min_ms", range(0, 60_000)),
                    Map.entry("PullSource.backoff_max_ms", range(0, 600_000)),
                    Map.entry("PullSource.max_attempts", range(0, 1_000_000)),
                    Map.entry("RtpIngest.sdp", schema -> schema.addProperty("maxLength", 65_536)),
                    Map.entry("RtpIngest.reorder_ms", range(0, 10_000)),
                    Map.entry("RtpIngest.skew_ms", range(0, 450)),
                    Map.entry("RtpIngest.allowed_sources", pattern(IpAddress.PATTERN)),
                    Map.entry("RtpIngestLeg.port", range(1, 65_530)),
                    Map.entry("RtpIngestLeg.address", pattern("|" + IpAddress.PATTERN)),
                    Map.entry("RtpIngestLeg.group", pattern("|" + IpAddress.PATTERN)),
                    Map.entry("RtpIngestLeg.group_sources", pattern(IpAddress.PATTERN)),
                    Map.entry("AllocateIngestRequest.stream_id", pattern(STREAM_ID)));

    /** What has to be there, message by message. */
    private static final Map<String, List<String>> REQUIRED =
            Map.of(
                    "PullSource", List.of("host", "port"),
                    "RtpIngestLeg", List.of("port"),
                    "AllocateIngestRequest", List.of("streamId"));

    private Schema() {}

    static JsonObject type(String name) {
        JsonObject type = new JsonObject();
        type.addProperty("type", name);
        return type;
    }

    static JsonObject matching(String regex) {
        JsonObject schema = type("string");
        pattern(regex).accept(schema);
        return schema;
    }

    static JsonObject integer(long min, long max) {
        JsonObject schema = type("integer");
        range(min, max).accept(schema);
        return schema;
    }

    static JsonObject time() {
        JsonObject schema = type("string");
        schema.addProperty("format", "date-time");
        return schema;
    }

    /** The values' names; the one that is not set is the empty text. */
    static JsonObject choice(EnumDescriptor values, boolean withUnset) {
        JsonArray names = new JsonArray();
        for (EnumValueDescriptor value : values.getValues()) {
            if (withUnset || value.getNumber() != 0) {
                names.add(ProtoJson.name(value));
            }
        }
        JsonObject schema = type("string");
        schema.add("enum", names);
        return schema;
    }

    /** A scalar field. */
    static JsonObject scalar(FieldDescriptor field) {
        JsonObject schema =
                switch (field.getJavaType()) {
                    case INT -> {
                        boolean unsigned = ProtoJson.isUnsigned(field);
                        yield integer(
                                unsigned ? 0 : Integer.MIN_VALUE,
                                unsigned ? 0xffff_ffffL : Integer.MAX_VALUE);
                    }
                    case LONG -> {
                        JsonObject integer = type("integer");
                        integer.addProperty("format", "int64");
                        yield integer;
                    }
                    case FLOAT, DOUBLE -> type("number");
                    case BOOLEAN -> type("boolean");
                    case STRING, BYTE_STRING -> type("string");
                    case ENUM -> choice(field.getEnumType(), true);
                    case MESSAGE -> throw new IllegalArgumentException(field + " is no scalar");
                };
        RULES.getOrDefault(field.getContainingType().getName() + "." + field.getName(), _ -> {})
                .accept(schema);
        return schema;
    }

    static List<String> required(String message) {
        return REQUIRED.getOrDefault(message, List.of());
    }

    private static Consumer<JsonObject> pattern(String regex) {
        return schema -> schema.addProperty("pattern", "^(" + regex + ")$");
    }

    private static Consumer<JsonObject> range(long min, long max) {
        return schema -> {
            schema.addProperty("minimum", min);
            schema.addProperty("maximum", max);
        };
    }

    private static void keyBytes(JsonObject schema) {
        JsonArray lengths = new JsonArray();
        List.of(0, 16, 24, 32).forEach(lengths::add);
        schema.add("enum", lengths);
    }
}
