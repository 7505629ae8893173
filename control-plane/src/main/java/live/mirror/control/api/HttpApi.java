package live.mirror.control.api;

import io.helidon.http.HeaderNames;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.Reason;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The operations by HTTP under {@code /api/v1}; every error is a problem document (RFC 9457). */
public final class HttpApi {

    private static final Logger LOG = System.getLogger(HttpApi.class.getName());
    private static final String EVENTS = "/api/v1/events";

    private final Operations operations;
    private final List<Route> routes;
    private final String openApi;

    /** Offers these operations. */
    public HttpApi(Operations operations, Management management) {
        this.operations = operations;
        this.routes = Routes.of(operations, management);
        this.openApi = OpenApi.document(routes);
    }

    /** The table, for the test that holds the OpenAPI document against it. */
    List<Route> routes() {
        return routes;
    }

    /** Adds the routes. A stream id may have slashes in it, so it is the rest of the path. */
    public void routing(HttpRouting.Builder routing) {
        TreeMap<String, Set<String>> methods = new TreeMap<>();
        for (Route route : routes) {
            routing.route(
                    Method.create(route.method()),
                    route.path(),
                    (request, response) -> answer(route, request, response));
            methods.computeIfAbsent(route.path(), _ -> new TreeSet<>()).add(route.method());
        }
        routing.get(EVENTS, this::events);
        routing.get("/openapi", (_, response) -> send(response, openApi));
        methods.put(EVENTS, Set.of("GET"));
        methods.put("/openapi", Set.of("GET"));
        methods.forEach((path, allowed) ->
                routing.any(path, (_, response) -> wrongMethod(response, allowed)));
        routing.any(
                "/*",
                (_, response) ->
                        Problems.send(
                                response,
                                Reason.REASON_NOT_FOUND,
                                "there is nothing at this path"));
        errors(routing);
    }

    private static void errors(HttpRouting.Builder routing) {
        routing.error(
                        ApiException.class,
                        (_, response, e) -> Problems.send(response, e.reason(), e.detail()))
                .error(
                        RegistryAwayException.class,
                        (_, response, e) ->
                                Problems.send(
                                        response,
                                        Reason.REASON_REGISTRY_AWAY,
                                        String.valueOf(e.getMessage())))
                .error(
                        HttpException.class,
                        (_, response, e) ->
                                Problems.send(
                                        response,
                                        e.status().code() < 500
                                                ? Reason.REASON_INVALID_REQUEST
                                                : Reason.REASON_INTERNAL,
                                        e.status().code(),
                                        e.status().reasonPhrase()))
                .error(
                        RuntimeException.class,
                        (request, response, e) -> {
                            LOG.log(Level.ERROR, "failed: " + request.path().path(), e);
                            Problems.send(
                                    response, Reason.REASON_INTERNAL, "a fault of Mirror itself");
                        });
    }

    private static void answer(Route route, ServerRequest request, ServerResponse response) {
        Call call = new Call(request);
        call.require(route.query().stream().map(Route.Parameter::name).collect(Collectors.toSet()));
        send(response, ProtoJson.print(route.handler().handle(call)));
    }

    /** Server-sent events: {@code reset}, {@code stream}, and a comment each second. */
    private void events(ServerRequest request, ServerResponse response) {
        Call call = new Call(request);
        call.require(Set.of("id"));
        if (!call.query("id").isEmpty()) {
            Operations.requireId(call.query("id"));
        }
        response.header(HeaderNames.CONTENT_TYPE, "text/event-stream");
        response.header(HeaderNames.CACHE_CONTROL, "no-store");
        try (OutputStream out = response.outputStream()) {
            operations.watch(
                    WatchStreamsRequest.newBuilder().setId(call.query("id")).build(),
                    () -> false,
                    update -> write(out, update));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            LOG.log(Level.DEBUG, "a watcher is gone", e);
        }
    }

    private static void write(OutputStream out, WatchStreamsResponse update) {
        String text =
                switch (update.getUpdateCase()) {
                    case RESET -> "event: reset\ndata: {}\n\n";
                    case STREAM ->
                            "event: stream\ndata: " + ProtoJson.print(update.getStream()) + "\n\n";
                    case HEARTBEAT, UPDATE_NOT_SET -> ":\n\n";
                };
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void wrongMethod(ServerResponse response, Set<String> allowed) {
        response.header(HeaderNames.ALLOW, String.join(", ", allowed));
        Problems.send(
                response,
                Reason.REASON_INVALID_REQUEST,
                405,
                "this path takes " + String.join(", ", allowed));
    }

    private static void send(ServerResponse response, String json) {
        response.header(HeaderNames.CONTENT_TYPE, "application/json");
        response.send(json);
    }
}
