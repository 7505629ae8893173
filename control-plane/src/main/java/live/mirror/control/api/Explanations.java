package live.mirror.control.api;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;

import live.mirror.control.registry.Registry;
import live.mirror.control.registry.StreamRecord;
import live.mirror.control.registry.WorkerRecord;
import live.mirror.v1.ExplainIngestRequest;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.WorkerStatus;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Has a worker say what its gate would tell a publisher: it alone knows its ports, who is shut out
 * there, and what it was granted. Blocks for {@link #LIMIT} at most.
 */
final class Explanations {

    private static final Duration LIMIT = Duration.ofSeconds(2);
    private static final int MAX_STREAM_ID_BYTES = 512;

    private final Registry registry;

    Explanations(Registry registry) {
        this.registry = registry;
    }

    ExplainIngestResponse explain(ExplainIngestRequest request) {
        if (request.getSrtStreamId().getBytes(StandardCharsets.UTF_8).length
                > MAX_STREAM_ID_BYTES) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST,
                    "streamId: SRT carries " + MAX_STREAM_ID_BYTES + " bytes at most");
        }
        if (request.getPort() < 0 || request.getPort() > 65_535) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, "port: 0 to 65535");
        }
        List<WorkerRecord> workers =
                registry.workers().stream()
                        .filter(worker -> worker.status() != WorkerStatus.WORKER_STATUS_LOST)
                        .toList();
        if (!request.getWorker().isEmpty()) {
            return ask(find(workers, request.getWorker()), request);
        }
        WorkerRecord any =
                workers.stream()
                        .filter(worker -> !worker.draining())
                        .findFirst()
                        .or(() -> workers.stream().findFirst())
                        .orElseThrow(() ->
                                new ApiException(Reason.REASON_NOT_FOUND, "there is no worker"));
        ExplainIngestResponse read = ask(any, request);
        // Where the stream is, more is known of it.
        return holder(read.getStreamId(), workers)
                .filter(holder -> !holder.id().equals(any.id()))
                .map(holder -> ask(holder, request))
                .orElse(read);
    }

    private Optional<WorkerRecord> holder(String streamId, List<WorkerRecord> workers) {
        return (streamId.isEmpty() ? Optional.<StreamRecord>empty() : registry.stream(streamId))
                .flatMap(stream ->
                        workers.stream()
                                .filter(worker -> worker.id().equals(stream.worker()))
                                .findFirst());
    }

    private static WorkerRecord find(List<WorkerRecord> workers, String id) {
        return workers.stream()
                .filter(worker -> worker.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new ApiException(
                                Reason.REASON_NOT_FOUND, "there is no live worker of this id"));
    }

    private static ExplainIngestResponse ask(WorkerRecord worker, ExplainIngestRequest request) {
        // One client for one question: operators ask rarely, and nothing has to be kept or closed.
        try (HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build()) {
            URI uri =
                    URI.create(
                            "http://"
                                    + worker.addresses().getAdmin()
                                    + "/explain?streamId="
                                    + encoded(request.getSrtStreamId())
                                    + "&port="
                                    + request.getPort()
                                    + "&source="
                                    + encoded(request.getSource()));
            HttpResponse<String> answer =
                    http.send(
                            HttpRequest.newBuilder(uri).timeout(LIMIT).build(),
                            HttpResponse.BodyHandlers.ofString());
            return switch (answer.statusCode()) {
                case 200 -> read(answer.body());
                case 400 -> throw new ApiException(Reason.REASON_INVALID_REQUEST, answer.body());
                case 404 -> throw new ApiException(Reason.REASON_NOT_FOUND, answer.body());
                default -> throw away(worker, "it answers " + answer.statusCode());
            };
        } catch (IOException | IllegalArgumentException e) {
            throw away(worker, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw away(worker, "interrupted");
        }
    }

    private static ExplainIngestResponse read(String json) throws InvalidProtocolBufferException {
        ExplainIngestResponse.Builder answer = ExplainIngestResponse.newBuilder();
        // A newer worker may say more.
        JsonFormat.parser().ignoringUnknownFields().merge(json, answer);
        return answer.build();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static ApiException away(WorkerRecord worker, String why) {
        return new ApiException(
                Reason.REASON_WORKER_LOST,
                "the admin address of worker " + worker.id() + " can't be asked: " + why);
    }
}
