package live.mirror.control.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;
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

    private static final String BEARER = "bearer";

    private final JsonObject schemas = new JsonObject();

    private OpenApi() {}

    static String document(List<Route> routes, boolean asksForToken) {
        return new OpenApi().write(routes, asksForToken).toString();
    }

    private JsonObject write(List<Route> routes, boolean asksForToken) {
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
        paths.add(HttpApi.EVENTS, events());
        schemas.add("Problem", problem());
        JsonObject components = new JsonObject();
        components.add("schemas", schemas);
        components.add("securitySchemes", securitySchemes());
        JsonObject document = new JsonObject();
        document.addProperty("openapi", "3.0.3");
        document.add("info", info);
        document.add("paths", paths);
        document.add("components", components);
        document.add("security", security(asksForToken));
        return document;
    }

    private static JsonObject securitySchemes() {
        JsonObject bearer = Schema.type("http");
        bearer.addProperty("scheme", "bearer");
        bearer.addProperty(
                "description",
                "A token of api.token-file, which lets do everything, or of api.viewer-token-file,"
                        + " which lets ask by GET. This document, and metrics and health at the"
                        + " admin listener, ask for none.");
        JsonObject schemes = new JsonObject();
        schemes.add(BEARER, bearer);
        return schemes;
    }

    /** Of several, one is enough, and an empty one is none. */
    private static JsonArray security(boolean asksForToken) {
        JsonObject requirement = new JsonObject();
        if (asksForToken) {
            requirement.add(BEARER, new JsonArray());
        }
        JsonArray security = new JsonArray();
        security.add(requirement);
        return security;
    }

    private JsonObject operation(Route route) {
        JsonObject operation = new JsonObject();
        operation.addProperty("summary", route.summary());
        JsonArray parameters = new JsonArray();
        Matcher matcher = PATH_PARAMETER.matcher(route.path());
        while (matcher.find()) {
            boolean ofWorker = route.path().contains("/workers/");
            parameters.add(
                    parameter(
                            matcher.group(1),
                            "path",
                            ofWorker
                                    ? "The worker's id."
                                    : StreamId.RULE + "; slashes may be written as %2F.",
                            Schema.matching(ofWorker ? Schema.WORKER_ID : Schema.STREAM_ID)));
        }
        for (Route.Parameter query : route.query()) {
            parameters.add(parameter(query.name(), "query", query.description(), query.schema()));
        }
        operation.add("parameters", parameters);
        route.body()
                .ifPresent(body -> {
                    JsonObject content = content("application/json", reference(body));
                    content.addProperty("required", true);
                    operation.add("requestBody", content);
                });
        JsonObject ok = content("application/json", reference(route.answer()));
        ok.addProperty("description", "Done.");
        JsonObject responses = new JsonObject();
        responses.add("200", ok);
        problems(responses, route.body().isPresent());
        operation.add("responses", responses);
        return operation;
    }

    /** Server-sent events, written by hand since no message describes them. */
    private JsonObject events() {
        JsonArray parameters = new JsonArray();
        parameters.add(
                parameter(
                        "id",
                        "query",
                        "Only this stream.",
                        Schema.matching("|" + Schema.STREAM_ID)));
        parameters.add(
                parameter(
                        "seconds",
                        "query",
                        "Ends after so many. 0, or not given, goes on for ever, for clients that"
                                + " send Accept: text/event-stream.",
                        Schema.integer(0, HttpApi.MAX_WATCH_S)));
        parameters.add(
                parameter(
                        "after",
                        "query",
                        "Goes on behind this event instead of telling the whole, if it is still"
                                + " kept. The header Last-Event-ID says the same.",
                        Schema.matching("|" + WatchCall.EVENT_ID)));
        JsonObject ok = content("text/event-stream", Schema.type("string"));
        ok.addProperty(
                "description",
                "First a `reset` and a `stream` for each stream there is, then a `stream` for each"
                        + " change, once and in its order: its data is the Stream as it was after"
                        + " it. An `alarm` is something to look at that changes no status. A"
                        + " comment each second says that nothing happened. Another `reset` means"
                        + " that changes were missed and all comes anew. The `id` is what to come"
                        + " back with. Who takes nothing for server.request-timeout is hung up.");
        JsonObject responses = new JsonObject();
        responses.add("200", ok);
        problems(responses, false);
        problem(responses, "406", "Asked without an end and without Accept: text/event-stream.");
        JsonObject operation = new JsonObject();
        operation.addProperty("summary", "Watches streams by server-sent events.");
        operation.add("parameters", parameters);
        operation.add("responses", responses);
        JsonObject path = new JsonObject();
        path.add("get", operation);
        return path;
    }

    private static void problems(JsonObject responses, boolean hasBody) {
        problem(responses, "400", "What was asked does not fit; the detail says what.");
        problem(responses, "401", "No or a wrong token, where one is asked for.");
        problem(responses, "403", "The token, or what is asked for, does not allow that.");
        problem(responses, "404", "There is no such thing.");
        if (hasBody) {
            problem(responses, "409", "It exists already, or was changed meanwhile.");
            problem(responses, "413", "The body is larger than 512 KiB.");
            problem(responses, "415", "The body is not JSON.");
        }
        problem(
                responses,
                "503",
                "The registry or a worker can't be reached, or there is no room.");
        problem(responses, "default", "Not done; the type says why.");
    }

    private static void problem(JsonObject responses, String status, String description) {
        JsonObject problem = content("application/problem+json", reference("Problem"));
        problem.addProperty("description", description);
        responses.add(status, problem);
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
            JsonObject schema = Schema.type("object");
            schemas.add(message.getName(), schema);
            schema.addProperty("additionalProperties", false);
            JsonObject properties = new JsonObject();
            for (FieldDescriptor field : message.getFields()) {
                properties.add(field.getJsonName(), property(field));
            }
            schema.add("properties", properties);
            if (!Schema.required(message.getName()).isEmpty()) {
                JsonArray required = new JsonArray();
                Schema.required(message.getName()).forEach(required::add);
                schema.add("required", required);
            }
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
        JsonObject array = Schema.type("array");
        array.add("items", single);
        return array;
    }

    private JsonObject single(FieldDescriptor field) {
        if (field.getJavaType() != FieldDescriptor.JavaType.MESSAGE) {
            return Schema.scalar(field);
        }
        return field.getMessageType().equals(Timestamp.getDescriptor())
                ? Schema.time()
                : reference(field.getMessageType());
    }

    private static JsonObject problem() {
        JsonObject properties = new JsonObject();
        properties.add("type", Schema.type("string"));
        properties.add("title", Schema.type("string"));
        properties.add("status", Schema.type("integer"));
        properties.add("detail", Schema.type("string"));
        JsonObject schema = Schema.type("object");
        schema.add("properties", properties);
        return schema;
    }
}
