package live.mirror.control.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;

import live.mirror.v1.Protocol;

import java.util.List;
import java.util.Locale;

/**
 * Messages as the HTTP API shows them: protobuf's JSON mapping, but enum values stand without the
 * prefix of their type ({@code ACTIVE}; protocols in lower case: {@code srt}), and 64-bit integers
 * are numbers, since none of ours comes near 2^53. Every scalar and list is there, set or not.
 */
final class ProtoJson {

    private ProtoJson() {}

    static String print(Message message) {
        return toJson(message).toString();
    }

    static JsonObject toJson(Message message) {
        JsonObject object = new JsonObject();
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.isRepeated()) {
                JsonArray array = new JsonArray();
                for (Object element : (List<?>) message.getField(field)) {
                    array.add(value(field, element));
                }
                object.add(field.getJsonName(), array);
            } else if (!field.hasPresence() || message.hasField(field)) {
                object.add(field.getJsonName(), value(field, message.getField(field)));
            }
        }
        return object;
    }

    private static JsonElement value(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE -> new JsonPrimitive((Number) value);
            case BOOLEAN -> new JsonPrimitive((Boolean) value);
            case STRING -> new JsonPrimitive((String) value);
            case BYTE_STRING ->
                    new JsonPrimitive(
                            java.util.Base64.getEncoder()
                                    .encodeToString(
                                            ((com.google.protobuf.ByteString) value)
                                                    .toByteArray()));
            case ENUM -> new JsonPrimitive(name((EnumValueDescriptor) value));
            case MESSAGE ->
                    value instanceof Timestamp timestamp
                            ? new JsonPrimitive(Timestamps.toString(timestamp))
                            : toJson((Message) value);
        };
    }

    /** The value's name without its type's prefix; empty when it is not set. */
    static String name(EnumValueDescriptor value) {
        String prefix = prefix(value.getType());
        if (value.getNumber() == 0 || !value.getName().startsWith(prefix)) {
            return "";
        }
        String name = value.getName().substring(prefix.length());
        return value.getType().equals(Protocol.getDescriptor())
                ? name.toLowerCase(Locale.ROOT)
                : name;
    }

    static String prefix(EnumDescriptor type) {
        return type.getName().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT) + "_";
    }
}
