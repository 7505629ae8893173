package live.mirror.control.api;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.HttpException;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;

import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.Reason;
import live.mirror.v1.WatchStreamsRequest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** The operations by HTTP under {@code /api/v1}; every error is a problem document (RFC 9457). */
public final class HttpApi {

    private static final Logger LOG = System.getLogger(HttpApi.class.getName());

    /** Where the API is described, for everybody. */
    static final String OPENAPI = "/openapi";

    /** Where streams are watched. */
    static final String EVENTS = "/api/v1/events";

    /** The longest end that a watcher may set. */
    static final int MAX_WATCH_S = 86_400;

    /** What a browser sends when it comes back (HTML, 9.2.4). */
    private static final HeaderName LAST_EVENT_ID = HeaderNames.create("Last-Event-ID");

    private final Access access;
    private final Operations operations;
    private final List<Route> routes;
    private final String openApi;

    /** Offers these operations. */
    public HttpApi(
            Operations operations, Management management, PulledSources sources, Access access) {
        this.access = access;
        this.operations = operations;
        this.routes = Routes.of(operations, management, sources);
        this.openApi = OpenApi.document(routes, access.asks());
    }

    /** The table, for the test that holds the OpenAPI document against it. */
    List<Route> routes() {
        return routes;
    }

    /** Adds the routes. A stream id may have slashes in it, so it is the rest of the path. */
    public void routing(HttpRouting.Builder routing) {
        routing.addFilter(access);
        TreeMap<String, Set<String>> methods = new TreeMap<>();
        for (Route route : routes) {
            routing.route(
                    Method.create(route.method()),
                    route.path(),
                    (request, response) -> answer(route, request, response));
            methods.computeIfAbsent(route.path(), _ -> new TreeSet<>()).add(route.method());
        }
        routing.get(EVENTS, this::events);
        routing.get(OPENAPI, (_, response) -> send(response, openApi));
        methods.put(EVENTS, Set.of("GET"));
        methods.put(OPENAPI, Set.of("GET"));
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
                        (_, response, e) -> {
                            if (!e.keepAlive()) {
                                response.header(HeaderValues.CONNECTION_CLOSE);
                            }
                            Problems.send(
                                    response,
                                    e.status().code() < 500
                                            ? Reason.REASON_INVALID_REQUEST
                                            : Reason.REASON_INTERNAL,
                                    e.status().code(),
                                    String.valueOf(e.getMessage()));
                        })
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

    /** Server-sent events. */
    private void events(ServerRequest request, ServerResponse response) {
        Call call = new Call(request);
        call.require(Set.of("id", "seconds", "after"));
        int seconds = call.number("seconds");
        if (seconds < 0 || seconds > MAX_WATCH_S) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "seconds: 0 to " + MAX_WATCH_S);
        }
        if (seconds == 0 && !asksForEvents(request)) {
            throw new HttpException(
                    "ask with Accept: text/event-stream, or say for how many seconds",
                    Status.NOT_ACCEPTABLE_406);
        }
        long began = System.nanoTime();
        BooleanSupplier over =
                () -> seconds > 0 && System.nanoTime() - began > TimeUnit.SECONDS.toNanos(seconds);
        WatchStreamsRequest watch =
                WatchStreamsRequest.newBuilder()
                        .setId(call.query("id"))
                        .setAfter(
                                request.headers()
                                        .first(LAST_EVENT_ID)
                                        .orElseGet(() -> call.query("after")))
                        .build();
        try (EventStream events = new EventStream(response)) {
            try {
                operations.watch(watch, over, events::send);
            } catch (RegistryAwayException e) {
                if (!events.hasBegun()) {
                    throw e;
                }
                // Too late for a status; the client comes back with the last id that it has.
                LOG.log(Level.DEBUG, "a watcher was left", e);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | UncheckedIOException e) {
            LOG.log(Level.DEBUG, "a watcher is gone", e);
        }
    }

    /** A client that does not know what it asked for would wait for the end for ever. */
    private static boolean asksForEvents(ServerRequest request) {
        return request.headers().acceptedTypes().stream()
                .anyMatch(type -> type.text().startsWith("text/event-stream"));
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
