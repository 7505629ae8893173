package live.mirror.control.api;

import com.google.gson.JsonObject;

import io.helidon.http.DirectHandler;
import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.DirectHandlers;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.contract.Reasons;
import live.mirror.v1.Reason;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Problem documents (RFC 9457). */
public final class Problems {

    private static final String MEDIA_TYPE = "application/problem+json";

    private Problems() {}

    static void send(ServerResponse response, Reason reason, String detail) {
        send(response, reason, Reasons.httpStatus(reason), detail);
    }

    static void send(ServerResponse response, Reason reason, int status, String detail) {
        response.status(Status.create(status));
        response.header(HeaderNames.CONTENT_TYPE, MEDIA_TYPE);
        response.send(document(reason, status, detail));
    }

    /** For what Helidon refuses before any route sees it: malformed requests, oversized bodies. */
    public static DirectHandlers.Builder direct() {
        DirectHandlers.Builder handlers = DirectHandlers.builder();
        for (DirectHandler.EventType type : DirectHandler.EventType.values()) {
            handlers.addHandler(
                    type,
                    (_, event, status, headers, _) ->
                            DirectHandler.TransportResponse.builder()
                                    .status(status)
                                    .headers(headers)
                                    .header(HeaderNames.CONTENT_TYPE, MEDIA_TYPE)
                                    .entity(
                                            document(
                                                            reason(event),
                                                            status.code(),
                                                            status.reasonPhrase())
                                                    .getBytes(StandardCharsets.UTF_8))
                                    .build());
        }
        return handlers;
    }

    private static Reason reason(DirectHandler.EventType event) {
        return switch (event) {
            case BAD_REQUEST, PAYLOAD_TOO_LARGE, HTTP_VERSION_NOT_SUPPORTED ->
                    Reason.REASON_INVALID_REQUEST;
            case FORBIDDEN -> Reason.REASON_FORBIDDEN;
            case INTERNAL_ERROR, OTHER -> Reason.REASON_INTERNAL;
        };
    }

    private static String document(Reason reason, int status, String detail) {
        JsonObject problem = new JsonObject();
        problem.addProperty("type", Reasons.name(reason));
        problem.addProperty(
                "title", Reasons.name(reason).toLowerCase(Locale.ROOT).replace('_', ' '));
        problem.addProperty("status", status);
        problem.addProperty("detail", detail);
        return problem.toString();
    }
}
