package live.mirror.control.registry;

import com.google.gson.JsonObject;
import com.google.protobuf.util.Timestamps;

import live.mirror.contract.Credentials;
import live.mirror.v1.Protocol;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

import java.util.Base64;
import java.util.Map;

/**
 * A definition between the message and its hash in Redis. What the claim script decides by stands
 * in fields of its own; the whole message stands beside them.
 */
final class DefinitionRecord {

    private DefinitionRecord() {}

    static JsonObject fields(StreamDefinition definition) {
        JsonObject fields = new JsonObject();
        fields.addProperty("disabled", definition.getDisabled() ? "1" : "0");
        fields.addProperty(
                "protocol",
                definition.getProtocol() == Protocol.PROTOCOL_UNSPECIFIED
                        ? ""
                        : Names.of(definition.getProtocol()));
        fields.addProperty("key", Credentials.id(definition.getPublishKey()));
        fields.addProperty("kbps", Long.toString(definition.getExpectedKbps()));
        fields.addProperty("pull", definition.hasPull() && !definition.getDisabled() ? "1" : "0");
        fields.addProperty("end_on_overshoot", definition.getEndOnOvershoot() ? "1" : "0");
        if (definition.hasReconnect()) {
            fields.addProperty(
                    "window",
                    Long.toString(
                            definition.getReconnect().getDelayMs()
                                    * definition.getReconnect().getMaxAttempts()));
        }
        fields.addProperty("takeover", takeover(definition.getTakeover()));
        fields.addProperty("message", Base64.getEncoder().encodeToString(definition.toByteArray()));
        return fields;
    }

    static StreamDefinition read(String id, Map<String, String> fields) {
        StreamDefinition.Builder definition = StreamDefinition.newBuilder();
        try {
            definition.mergeFrom(Base64.getDecoder().decode(fields.getOrDefault("message", "")));
        } catch (com.google.protobuf.InvalidProtocolBufferException | IllegalArgumentException e) {
            // Written by somebody else: refuse its publishers rather than let anybody in.
            definition.clear().setDisabled(true);
        }
        return definition
                .setId(id)
                .setVersion(Names.number(fields.getOrDefault("version", "0")))
                .setUpdatedAt(
                        Timestamps.fromMillis(Names.number(fields.getOrDefault("updated", "0"))))
                .build();
    }

    private static String takeover(TakeoverRule rule) {
        return switch (rule) {
            case TAKEOVER_RULE_UNSPECIFIED, TAKEOVER_RULE_SILENT, UNRECOGNIZED -> "SILENT";
            case TAKEOVER_RULE_SAME_CREDENTIAL -> "SAME_CREDENTIAL";
            case TAKEOVER_RULE_NEVER -> "NEVER";
        };
    }
}
