package live.mirror.control.api;

import com.google.gson.JsonObject;
import com.google.protobuf.Descriptors.Descriptor;

import java.util.List;
import java.util.Optional;

/**
 * One operation of the HTTP API. The table of these is what is served and what the OpenAPI document
 * is made of.
 *
 * @param method GET, PUT, POST or DELETE
 * @param path with parameters in braces; the last one may hold slashes
 * @param summary one sentence
 * @param query the query parameters that it takes; others are refused
 * @param body the message that the body is, if it has one
 * @param answer the message that the answer is
 * @param handler does it
 */
record Route(
        String method,
        String path,
        String summary,
        List<Parameter> query,
        Optional<Descriptor> body,
        Descriptor answer,
        Handler handler) {

    /**
     * A query parameter.
     *
     * @param name as in the query
     * @param schema what may stand there
     * @param description one sentence
     */
    record Parameter(String name, JsonObject schema, String description) {}

    /** Answers a request. */
    interface Handler {
        com.google.protobuf.Message handle(Call call);
    }
}
