package live.mirror.control.api;

import com.google.gson.JsonObject;
import com.google.protobuf.Message;

import io.helidon.http.HeaderNames;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.contract.Reasons;
import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** The operations by HTTP under {@code /api/v1}; every error is a problem document (RFC 9457). */
public final class HttpApi {

    private static final Logger LOG = System.getLogger(HttpApi.class.getName());
    private static final String STREAMS = "/api/v1/streams";

    private final Operations operations;

    /** Offers these operations. */
    public HttpApi(Operations operations) {
        this.operations = operations;
    }

    /** Adds the routes. A stream id may have slashes in it, so it is the rest of the path. */
    public void routing(HttpRouting.Builder routing) {
        routing.get(
                        STREAMS,
                        (_, response) ->
                                send(
                                        response,
                                        operations.listStreams(
                                                ListStreamsRequest.getDefaultInstance())))
                .get(
                        STREAMS + "/{+id}",
                        (request, response) ->
                                send(
                                        response,
                                        operations
                                                .getStream(
                                                        GetStreamRequest.newBuilder()
                                                                .setId(id(request))
                                                                .build())
                                                .getStream()))
                .delete(
                        STREAMS + "/{+id}",
                        (request, response) ->
                                send(
                                        response,
                                        operations
                                                .stopStream(
                                                        StopStreamRequest.newBuilder()
                                                                .setId(id(request))
                                                                .build())
                                                .getStream()))
                .get(
                        "/api/v1/workers",
                        (_, response) ->
                                send(
                                        response,
                                        operations.listWorkers(
                                                ListWorkersRequest.getDefaultInstance())))
                .any(
                        "/*",
                        (request, response) ->
                                problem(
                                        response,
                                        Reason.REASON_NOT_FOUND,
                                        "there is no "
                                                + request.prologue().method().text()
                                                + " for this path"))
                .error(
                        ApiException.class,
                        (_, response, e) -> problem(response, e.reason(), e.detail()))
                .error(
                        RegistryAwayException.class,
                        (_, response, e) ->
                                problem(
                                        response,
                                        Reason.REASON_REGISTRY_AWAY,
                                        String.valueOf(e.getMessage())))
                .error(
                        RuntimeException.class,
                        (request, response, e) -> {
                            LOG.log(Level.ERROR, "failed: " + request.path().path(), e);
                            problem(response, Reason.REASON_INTERNAL, "a fault of Mirror itself");
                        });
    }

    private static String id(ServerRequest request) {
        return request.path().pathParameters().get("id");
    }

    private static void send(ServerResponse response, Message message) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(ProtoJson.print(message));
    }

    private static void problem(ServerResponse response, Reason reason, String detail) {
        JsonObject problem = new JsonObject();
        problem.addProperty("type", Reasons.name(reason));
        problem.addProperty(
                "title", Reasons.name(reason).toLowerCase(java.util.Locale.ROOT).replace('_', ' '));
        problem.addProperty("status", Reasons.httpStatus(reason));
        problem.addProperty("detail", detail);
        response.status(Status.create(Reasons.httpStatus(reason)));
        response.header(HeaderNames.CONTENT_TYPE, "application/problem+json");
        response.send(problem.toString());
    }
}
