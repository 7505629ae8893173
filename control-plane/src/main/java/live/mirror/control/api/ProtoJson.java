package live.mirror.control.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.JsonFormat;
import com.google.protobuf.util.Timestamps;

import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Locale;

/**
 * Messages as the HTTP API shows them: protobuf's JSON mapping, but enum values stand without the
 * prefix of their type ({@code ACTIVE}; protocols in lower case: {@code srt}; empty when not set),
 * and 64-bit integers are numbers, since none of ours comes near 2^53. Every scalar and list is
 * there, set or not.
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

    /**
     * Reads one JSON object into a message; throws an {@link ApiException} that says what is wrong.
     */
    static void parse(String json, Message.Builder builder) {
        try {
            JsonReader reader = new JsonReader(new StringReader(json));
            reader.setStrictness(Strictness.STRICT);
            JsonElement tree = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT || !tree.isJsonObject()) {
                throw new ApiException(
                        Reason.REASON_INVALID_REQUEST, "the body has to be one JSON object");
            }
            JsonShape.check(tree.getAsJsonObject(), builder.getDescriptorForType());
            expandEnums(tree.getAsJsonObject(), builder.getDescriptorForType());
            JsonFormat.parser().merge(tree.toString(), builder);
        } catch (InvalidProtocolBufferException e) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST, "the body does not fit: " + e.getMessage());
        } catch (JsonParseException | IOException e) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "the body is not JSON");
        }
    }

    /** Gives enum values the prefix that protobuf's own parser wants. */
    private static void expandEnums(JsonObject object, Descriptor type) {
        for (FieldDescriptor field : type.getFields()) {
            JsonElement value = object.get(field.getJsonName());
            if (value == null) {
                continue;
            }
            if (field.getJavaType() == FieldDescriptor.JavaType.ENUM
                    && value.isJsonPrimitive()
                    && value.getAsJsonPrimitive().isString()) {
                String name = value.getAsString().toUpperCase(Locale.ROOT);
                object.addProperty(
                        field.getJsonName(),
                        name.isEmpty()
                                ? field.getEnumType().getValues().getFirst().getName()
                                : prefix(field.getEnumType()) + name);
            } else if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE
                    && value.isJsonObject()) {
                expandEnums(value.getAsJsonObject(), field.getMessageType());
            }
        }
    }

    private static JsonElement value(FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case INT ->
                    new JsonPrimitive(
                            isUnsigned(field)
                                    ? Integer.toUnsignedLong((Integer) value)
                                    : (Integer) value);
            case LONG, FLOAT, DOUBLE -> new JsonPrimitive((Number) value);
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

    static boolean isUnsigned(FieldDescriptor field) {
        return field.getType() == FieldDescriptor.Type.UINT32
                || field.getType() == FieldDescriptor.Type.FIXED32;
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
