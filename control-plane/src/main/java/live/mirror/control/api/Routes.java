package live.mirror.control.api;

import com.google.protobuf.Descriptors.Descriptor;

import live.mirror.v1.AllocateIngestRequest;
import live.mirror.v1.AllocateIngestResponse;
import live.mirror.v1.DeleteDefinitionRequest;
import live.mirror.v1.DeleteDefinitionResponse;
import live.mirror.v1.DrainWorkerRequest;
import live.mirror.v1.ExplainIngestRequest;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.GetDefinitionRequest;
import live.mirror.v1.GetPullRequest;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetTimelineRequest;
import live.mirror.v1.GetTimelineResponse;
import live.mirror.v1.GetWorkerRequest;
import live.mirror.v1.ListDefinitionsRequest;
import live.mirror.v1.ListDefinitionsResponse;
import live.mirror.v1.ListPullsRequest;
import live.mirror.v1.ListPullsResponse;
import live.mirror.v1.ListRefusalsRequest;
import live.mirror.v1.ListRefusalsResponse;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.ListWorkersResponse;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Pull;
import live.mirror.v1.PutDefinitionRequest;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.UndrainWorkerRequest;
import live.mirror.v1.Worker;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The table of the HTTP API. */
final class Routes {

    private static final String V1 = "/api/v1";
    private static final List<Route.Parameter> NONE = List.of();

    private final List<Route> routes = new ArrayList<>();
    private final Operations operations;
    private final Management management;
    private final PulledSources sources;

    private Routes(Operations operations, Management management, PulledSources sources) {
        this.operations = operations;
        this.management = management;
        this.sources = sources;
    }

    static List<Route> of(Operations operations, Management management, PulledSources sources) {
        Routes table = new Routes(operations, management, sources);
        table.streams();
        table.workers();
        table.definitions();
        table.pulls();
        table.history();
        return List.copyOf(table.routes);
    }

    private void streams() {
        get(
                "/streams",
                "Lists the streams that have not stopped.",
                List.of(
                        integer("pageSize", 0, 1_000, "Streams in one page; 0 means all."),
                        new Route.Parameter(
                                "pageToken",
                                Schema.matching("|" + Schema.STREAM_ID),
                                "The nextPageToken of the page before."),
                        new Route.Parameter(
                                "status",
                                Schema.choice(StreamStatus.getDescriptor(), false),
                                "Only streams of this status."),
                        string("worker", "Only streams that this worker holds.")),
                ListStreamsResponse.getDescriptor(),
                call ->
                        operations.listStreams(
                                ListStreamsRequest.newBuilder()
                                        .setPageSize(call.number("pageSize"))
                                        .setPageToken(call.query("pageToken"))
                                        .setStatus(
                                                call.choice(
                                                        "status",
                                                        StreamStatus.class,
                                                        "STREAM_STATUS_"))
                                        .setWorker(call.query("worker"))
                                        .build()));
        get(
                "/streams/{+id}",
                "Gets one stream.",
                NONE,
                Stream.getDescriptor(),
                call ->
                        operations
                                .getStream(
                                        GetStreamRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getStream());
        add(
                "DELETE",
                "/streams/{+id}",
                "Stops a stream: its session at the worker is ended and its subscribers are told.",
                Optional.empty(),
                Stream.getDescriptor(),
                call ->
                        operations
                                .stopStream(
                                        StopStreamRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getStream());
        get(
                "/locations/{+id}",
                "Says where packagers subscribe to a stream.",
                NONE,
                LocateStreamResponse.getDescriptor(),
                call ->
                        operations.locateStream(
                                LocateStreamRequest.newBuilder().setId(call.path("id")).build()));
        add(
                "POST",
                "/ingests",
                "Says where to publish a stream, with a token for one publisher.",
                Optional.of(AllocateIngestRequest.getDescriptor()),
                AllocateIngestResponse.getDescriptor(),
                call -> management.allocate(call.body(AllocateIngestRequest.newBuilder()).build()));
        get(
                "/explain",
                "Says how a worker reads an SRT stream id and what its gate would tell the"
                    + " publisher now; reason and srtCode are empty and 0 when it would be let in.",
                List.of(
                        string("streamId", "As the encoder sends it; empty when it sends none."),
                        integer(
                                "port",
                                0,
                                65_535,
                                "The UDP port that it calls; 0 means the first."),
                        string("source", "The IP address from which it calls."),
                        string(
                                "worker",
                                "Which worker is asked; the one that holds the stream, or any, when"
                                        + " not given.")),
                ExplainIngestResponse.getDescriptor(),
                call ->
                        management.explain(
                                ExplainIngestRequest.newBuilder()
                                        .setSrtStreamId(call.query("streamId"))
                                        .setPort(call.number("port"))
                                        .setSource(call.query("source"))
                                        .setWorker(call.query("worker"))
                                        .build()));
    }

    private void workers() {
        get(
                "/workers",
                "Lists workers with their load.",
                NONE,
                ListWorkersResponse.getDescriptor(),
                _ -> management.listWorkers(ListWorkersRequest.getDefaultInstance()));
        get(
                "/workers/{id}",
                "Gets one worker.",
                NONE,
                Worker.getDescriptor(),
                call ->
                        management
                                .getWorker(
                                        GetWorkerRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getWorker());
        add(
                "POST",
                "/workers/{id}/drain",
                "Takes a worker out of service: nothing new, and its publishers move within 120 s.",
                Optional.empty(),
                Worker.getDescriptor(),
                call ->
                        management
                                .drain(
                                        DrainWorkerRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getWorker());
        add(
                "POST",
                "/workers/{id}/undrain",
                "Undoes a drain.",
                Optional.empty(),
                Worker.getDescriptor(),
                call ->
                        management
                                .undrain(
                                        UndrainWorkerRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getWorker());
    }

    private void definitions() {
        get(
                "/definitions",
                "Lists stream definitions, without their secrets.",
                NONE,
                ListDefinitionsResponse.getDescriptor(),
                _ -> management.listDefinitions(ListDefinitionsRequest.getDefaultInstance()));
        get(
                "/definitions/{+id}",
                "Gets one definition, without its secrets.",
                NONE,
                StreamDefinition.getDescriptor(),
                call ->
                        management
                                .getDefinition(
                                        GetDefinitionRequest.newBuilder()
                                                .setId(call.path("id"))
                                                .build())
                                .getDefinition());
        routes.add(
                new Route(
                        "PUT",
                        V1 + "/definitions/{+id}",
                        "Creates or replaces a definition.",
                        List.of(
                                integer(
                                        "ifVersion",
                                        -1,
                                        999_999_999,
                                        "Only if the definition has this version; -1 only"
                                                + " creates.")),
                        Optional.of(StreamDefinition.getDescriptor()),
                        StreamDefinition.getDescriptor(),
                        call ->
                                management
                                        .putDefinition(
                                                PutDefinitionRequest.newBuilder()
                                                        .setDefinition(definition(call))
                                                        .setIfVersion(call.number("ifVersion"))
                                                        .build())
                                        .getDefinition()));
        add(
                "DELETE",
                "/definitions/{+id}",
                "Deletes a definition; a session that runs goes on.",
                Optional.empty(),
                DeleteDefinitionResponse.getDescriptor(),
                call ->
                        management.deleteDefinition(
                                DeleteDefinitionRequest.newBuilder()
                                        .setId(call.path("id"))
                                        .build()));
    }

    private static StreamDefinition definition(Call call) {
        StreamDefinition.Builder definition = call.body(StreamDefinition.newBuilder());
        if (!definition.getId().isEmpty() && !definition.getId().equals(call.path("id"))) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST, "id: other than the one in the path");
        }
        return definition.setId(call.path("id")).build();
    }

    private void pulls() {
        get(
                "/pulls",
                "Lists the sources of pulled streams: who dials each, and how it goes.",
                NONE,
                ListPullsResponse.getDescriptor(),
                _ -> sources.list(ListPullsRequest.getDefaultInstance()));
        get(
                "/pulls/{+id}",
                "Gets the source of one pulled stream.",
                NONE,
                Pull.getDescriptor(),
                call ->
                        sources.get(GetPullRequest.newBuilder().setId(call.path("id")).build())
                                .getPull());
    }

    private void history() {
        get(
                "/refusals",
                "The last thousand publishers that were not let in, the newest first.",
                List.of(
                        string("streamId", "Only of this stream."),
                        string("source", "Only of sources whose address begins like this."),
                        new Route.Parameter("since", Schema.time(), "Only at this time or later."),
                        new Route.Parameter("until", Schema.time(), "Only before this time."),
                        integer("limit", 0, 1_000, "At most so many; 0 means 1000.")),
                ListRefusalsResponse.getDescriptor(),
                call ->
                        management.listRefusals(
                                ListRefusalsRequest.newBuilder()
                                        .setStreamId(call.query("streamId"))
                                        .setSource(call.query("source"))
                                        .setSince(call.time("since"))
                                        .setUntil(call.time("until"))
                                        .setLimit(call.number("limit"))
                                        .build()));
        get(
                "/timelines/{+id}",
                "What happened to a stream, the newest last.",
                NONE,
                GetTimelineResponse.getDescriptor(),
                call ->
                        management.timeline(
                                GetTimelineRequest.newBuilder().setId(call.path("id")).build()));
    }

    private void get(
            String path,
            String summary,
            List<Route.Parameter> query,
            Descriptor answer,
            Route.Handler handler) {
        routes.add(new Route("GET", V1 + path, summary, query, Optional.empty(), answer, handler));
    }

    private void add(
            String method,
            String path,
            String summary,
            Optional<Descriptor> body,
            Descriptor answer,
            Route.Handler handler) {
        routes.add(new Route(method, V1 + path, summary, NONE, body, answer, handler));
    }

    private static Route.Parameter string(String name, String description) {
        return new Route.Parameter(name, Schema.type("string"), description);
    }

    private static Route.Parameter integer(String name, long min, long max, String description) {
        return new Route.Parameter(name, Schema.integer(min, max), description);
    }
}
