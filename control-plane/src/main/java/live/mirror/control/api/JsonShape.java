package live.mirror.control.api;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;

import live.mirror.v1.Reason;

/**
 * Holds a body against the schema that the OpenAPI document shows. Protobuf's own parser would take
 * more: numbers as texts, nulls, fields by their other names. Pure.
 */
final class JsonShape {

    private JsonShape() {}

    /** Throws an {@link ApiException} that names the first field that does not fit. */
    static void check(JsonObject object, Descriptor type) {
        check(object, type, "");
    }

    private static void check(JsonObject object, Descriptor type, String path) {
        for (String name : object.keySet()) {
            FieldDescriptor field =
                    type.getFields().stream()
                            .filter(each -> each.getJsonName().equals(name))
                            .findFirst()
                            .orElseThrow(() -> wrong(path + shown(name), "there is no such field"));
            JsonElement value = object.get(name);
            String at = path + name;
            if (!field.isRepeated()) {
                checkOne(value, field, at);
            } else if (value.isJsonArray()) {
                value.getAsJsonArray().forEach(element -> checkOne(element, field, at));
            } else {
                throw wrong(at, "has to be an array");
            }
        }
    }

    private static void checkOne(JsonElement value, FieldDescriptor field, String at) {
        switch (field.getJavaType()) {
            case INT, LONG, FLOAT, DOUBLE ->
                    require(value instanceof JsonPrimitive it && it.isNumber(), at, "number");
            case BOOLEAN ->
                    require(value instanceof JsonPrimitive it && it.isBoolean(), at, "boolean");
            case STRING, BYTE_STRING, ENUM -> requireText(value, at);
            case MESSAGE -> {
                if (field.getMessageType().equals(Timestamp.getDescriptor())) {
                    requireText(value, at);
                } else {
                    require(value.isJsonObject(), at, "object");
                    check(value.getAsJsonObject(), field.getMessageType(), at + ".");
                }
            }
        }
    }

    private static void requireText(JsonElement value, String at) {
        require(value instanceof JsonPrimitive it && it.isString(), at, "string");
    }

    private static void require(boolean holds, String at, String type) {
        if (!holds) {
            throw wrong(at, "has to be of the type " + type);
        }
    }

    /** What a stranger sent, shortened. */
    private static String shown(String name) {
        return name.length() > 64 ? name.substring(0, 64) + "…" : name;
    }

    private static ApiException wrong(String at, String rule) {
        return new ApiException(Reason.REASON_INVALID_REQUEST, at + ": " + rule);
    }
}
