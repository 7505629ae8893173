package live.mirror.control.testing;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

import java.util.List;
import java.util.Random;

/** As much of JSON Schema as the OpenAPI document uses: holds values against it, and makes some. */
public final class Schemas {

    private static final List<String> ODD_TEXTS =
            List.of(
                    "",
                    " ",
                    "cam1",
                    "live/cam1",
                    "..",
                    "../..",
                    "a/../b",
                    "%",
                    "%00",
                    "%zz",
                    "%2F",
                    "a%2Fb",
                    "%C3%28",
                    "é",
                    "\u0000",
                    "a\nb",
                    "x".repeat(129),
                    "x".repeat(4_000),
                    "-1",
                    "0",
                    "NaN",
                    "1e9",
                    "99999999999999999999",
                    "null",
                    "true",
                    "{}",
                    "[]",
                    "'; DROP",
                    "<b>",
                    "💥",
                    "?",
                    "#",
                    "&",
                    "=",
                    ";",
                    "\\",
                    "\"",
                    "+",
                    "*");

    private final JsonObject document;

    /** Those of an OpenAPI document. */
    public Schemas(JsonObject document) {
        this.document = document;
    }

    /** Adds what of a value does not fit. */
    public void conforms(JsonElement value, JsonObject schema, String at, List<String> problems) {
        if (schema.has("$ref")) {
            String name = schema.get("$ref").getAsString();
            conforms(value, schemaOf(name), at, problems);
            return;
        }
        String type = schema.get("type").getAsString();
        boolean fits =
                switch (type) {
                    case "object" -> value.isJsonObject();
                    case "array" -> value.isJsonArray();
                    case "boolean" ->
                            value.isJsonPrimitive() && value.getAsJsonPrimitive().isBoolean();
                    case "integer", "number" ->
                            value.isJsonPrimitive() && value.getAsJsonPrimitive().isNumber();
                    default -> value.isJsonPrimitive() && value.getAsJsonPrimitive().isString();
                };
        if (!fits) {
            problems.add(at + " is no " + type + ": " + value);
            return;
        }
        if (schema.has("enum") && !schema.getAsJsonArray("enum").contains(value)) {
            problems.add(at + " is none of " + schema.get("enum") + ": " + value);
        }
        if (schema.has("pattern")
                && !value.getAsString().matches(schema.get("pattern").getAsString())) {
            problems.add(at + " does not match " + schema.get("pattern") + ": " + value);
        }
        if (schema.has("minimum")
                && (value.getAsLong() < schema.get("minimum").getAsLong()
                        || value.getAsLong() > schema.get("maximum").getAsLong())) {
            problems.add(at + " is out of range: " + value);
        }
        if (value.isJsonArray()) {
            value.getAsJsonArray()
                    .forEach(each ->
                            conforms(each, schema.getAsJsonObject("items"), at + "[]", problems));
        } else if (value.isJsonObject() && schema.has("properties")) {
            JsonObject properties = schema.getAsJsonObject("properties");
            value.getAsJsonObject()
                    .entrySet()
                    .forEach(entry -> {
                        if (properties.has(entry.getKey())) {
                            conforms(
                                    entry.getValue(),
                                    properties.getAsJsonObject(entry.getKey()),
                                    at + "." + entry.getKey(),
                                    problems);
                        } else {
                            problems.add(at + " has an undocumented " + entry.getKey());
                        }
                    });
        }
    }

    private JsonObject schemaOf(String reference) {
        return document.getAsJsonObject("components")
                .getAsJsonObject("schemas")
                .getAsJsonObject(reference.substring(reference.lastIndexOf('/') + 1));
    }

    /** A text that somebody might send. */
    public static String odd(Random random) {
        return ODD_TEXTS.get(random.nextInt(ODD_TEXTS.size()));
    }

    /** A value that fits, but for a name or a value here and there. */
    public JsonElement fitting(Random random, JsonObject schema) {
        if (schema.has("$ref")) {
            return fitting(random, schemaOf(schema.get("$ref").getAsString()));
        }
        if (schema.has("enum")) {
            JsonArray values = schema.getAsJsonArray("enum");
            return values.get(random.nextInt(values.size()));
        }
        return switch (schema.get("type").getAsString()) {
            case "object" -> {
                JsonObject object = new JsonObject();
                JsonObject properties = schema.getAsJsonObject("properties");
                for (String name : properties.keySet()) {
                    if (random.nextInt(3) == 0) {
                        object.add(
                                random.nextInt(20) == 0 ? name + "_" : name,
                                random.nextInt(15) == 0
                                        ? JsonParser.parseString("[null]")
                                        : fitting(random, properties.getAsJsonObject(name)));
                    }
                }
                yield object;
            }
            case "array" -> {
                JsonArray array = new JsonArray();
                for (int i = random.nextInt(4); i > 0; i--) {
                    array.add(fitting(random, schema.getAsJsonObject("items")));
                }
                yield array;
            }
            case "boolean" -> new com.google.gson.JsonPrimitive(random.nextBoolean());
            case "integer", "number" ->
                    new com.google.gson.JsonPrimitive(
                            switch (random.nextInt(4)) {
                                case 0 -> 0;
                                case 1 -> random.nextInt();
                                case 2 -> random.nextLong();
                                default -> random.nextInt(1_000);
                            });
            default ->
                    new com.google.gson.JsonPrimitive(
                            switch (random.nextInt(3)) {
                                case 0 -> "cam" + random.nextInt(3);
                                case 1 -> "2026-01-31T14:03:00Z";
                                default -> odd(random);
                            });
        };
    }
}
