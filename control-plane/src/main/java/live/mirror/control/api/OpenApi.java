package live.mirror.control.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Timestamp;

import live.mirror.contract.StreamId;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes the OpenAPI document out of the table of routes and the messages' own descriptors. */
final class OpenApi {

    private static final Pattern PATH_PARAMETER = Pattern.compile("\\{\\+?(\\w+)}");
    private static final String STREAM_ID = "[A-Za-z0-9][A-Za-z0-9._~/-]{0,127}";
    private static final String WORKER_ID = "[A-Za-z0-9][A-Za-z0-9._-]{0,63}";

    private final JsonObject schemas = new JsonObject();

    private OpenApi() {}

    static String document(List<Route> routes) {
        return new OpenApi().write(routes).toString();
    }

    private JsonObject write(List<Route> routes) {
        JsonObject info = new JsonObject();
        info.addProperty("title", "Mirror");
        info.addProperty("version", "v1");
        info.addProperty(
                "description",
                "Live ingest: streams, workers, definitions, tokens and history. Every error is a"
                        + " problem document (RFC 9457) whose type is the reason's name.");
        JsonObject paths = new JsonObject();
        for (Route route : routes) {
            String path = route.path().replace("{+", "{");
            if (!paths.has(path)) {
                paths.add(path, new JsonObject());
            }
            paths.getAsJsonObject(path)
                    .add(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        schemas.add("Problem", problem());
        JsonObject components = new JsonObject();
        components.add("schemas", schemas);
        JsonObject document = new JsonObject();
        document.addProperty("openapi", "3.0.3");
        document.add("info", info);
        document.add("paths", paths);
        document.add("components", components);
        return document;
    }

    private JsonObject operation(Route route) {
        JsonObject operation = new JsonObject();
        operation.addProperty("summary", route.summary());
        JsonArray parameters = new JsonArray();
        Matcher matcher = PATH_PARAMETER.matcher(route.path());
        while (matcher.find()) {
            JsonObject schema = type("string");
            schema.addProperty(
                    "pattern",
                    "^" + (route.path().contains("/workers/") ? WORKER_ID : STREAM_ID) + "$");
            parameters.add(
                    parameter(
                            matcher.group(1),
                            "path",
                            route.path().contains("/workers/")
                                    ? "The worker's id."
                                    : StreamId.RULE + "; slashes may be written as %2F.",
                            schema));
        }
        for (Route.Parameter query : route.query()) {
            parameters.add(
                    parameter(query.name(), "query", query.description(), type(query.type())));
        }
        operation.add("parameters", parameters);
        route.body()
                .ifPresent(body -> {
                    JsonObject content = content("application/json", reference(body));
                    content.addProperty("required", true);
                    operation.add("requestBody", content);
                });
        JsonObject responses = new JsonObject();
        JsonObject ok = content("application/json", reference(route.answer()));
        ok.addProperty("description", "Done.");
        responses.add("200", ok);
        JsonObject problem = content("application/problem+json", reference("Problem"));
        problem.addProperty("description", "Not done; the type says why.");
        responses.add("default", problem);
        operation.add("responses", responses);
        return operation;
    }

    private static JsonObject parameter(
            String name, String in, String description, JsonObject schema) {
        JsonObject parameter = new JsonObject();
        parameter.addProperty("name", name);
        parameter.addProperty("in", in);
        parameter.addProperty("required", in.equals("path"));
        parameter.addProperty("description", description);
        parameter.add("schema", schema);
        return parameter;
    }

    private static JsonObject content(String mediaType, JsonObject schema) {
        JsonObject media = new JsonObject();
        media.add("schema", schema);
        JsonObject types = new JsonObject();
        types.add(mediaType, media);
        JsonObject content = new JsonObject();
        content.add("content", types);
        return content;
    }

    private JsonObject reference(Descriptor message) {
        if (!schemas.has(message.getName())) {
            JsonObject schema = type("object");
            schemas.add(message.getName(), schema);
            schema.addProperty("additionalProperties", false);
            JsonObject properties = new JsonObject();
            for (FieldDescriptor field : message.getFields()) {
                properties.add(field.getJsonName(), property(field));
            }
            schema.add("properties", properties);
        }
        return reference(message.getName());
    }

    private static JsonObject reference(String name) {
        JsonObject reference = new JsonObject();
        reference.addProperty("$ref", "#/components/schemas/" + name);
        return reference;
    }

    private JsonObject property(FieldDescriptor field) {
        JsonObject single = single(field);
        if (!field.isRepeated()) {
            return single;
        }
        JsonObject array = type("array");
        array.add("items", single);
        return array;
    }

    private JsonObject single(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case INT, LONG -> type("integer");
            case FLOAT, DOUBLE -> type("number");
            case BOOLEAN -> type("boolean");
            case STRING, BYTE_STRING -> type("string");
            case ENUM -> {
                JsonObject schema = type("string");
                JsonArray names = new JsonArray();
                for (EnumValueDescriptor value : field.getEnumType().getValues()) {
                    names.add(ProtoJson.name(value));
                }
                schema.add("enum", names);
                yield schema;
            }
            case MESSAGE -> {
                if (field.getMessageType().equals(Timestamp.getDescriptor())) {
                    JsonObject time = type("string");
                    time.addProperty("format", "date-time");
                    yield time;
                }
                yield reference(field.getMessageType());
            }
        };
    }

    private static JsonObject problem() {
        JsonObject properties = new JsonObject();
        properties.add("type", type("string"));
        properties.add("title", type("string"));
        properties.add("status", type("integer"));
        properties.add("detail", type("string"));
        JsonObject schema = type("object");
        schema.add("properties", properties);
        return schema;
    }

    private static JsonObject type(String name) {
        JsonObject type = new JsonObject();
        type.addProperty("type", name);
        return type;
    }
}
