package live.mirror.control.api;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.ServerInterceptors;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.AllocateIngestRequest;
import live.mirror.v1.AllocateIngestResponse;
import live.mirror.v1.DefinitionServiceGrpc;
import live.mirror.v1.DeleteDefinitionRequest;
import live.mirror.v1.DeleteDefinitionResponse;
import live.mirror.v1.DrainWorkerRequest;
import live.mirror.v1.DrainWorkerResponse;
import live.mirror.v1.EventServiceGrpc;
import live.mirror.v1.ExplainIngestRequest;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.GetDefinitionRequest;
import live.mirror.v1.GetDefinitionResponse;
import live.mirror.v1.GetPullRequest;
import live.mirror.v1.GetPullResponse;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetStreamResponse;
import live.mirror.v1.GetTimelineRequest;
import live.mirror.v1.GetTimelineResponse;
import live.mirror.v1.GetWorkerRequest;
import live.mirror.v1.GetWorkerResponse;
import live.mirror.v1.IngestServiceGrpc;
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
import live.mirror.v1.PullServiceGrpc;
import live.mirror.v1.PutDefinitionRequest;
import live.mirror.v1.PutDefinitionResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.StopStreamResponse;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.UndrainWorkerRequest;
import live.mirror.v1.UndrainWorkerResponse;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;
import live.mirror.v1.WorkerServiceGrpc;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** The operations by gRPC. */
public final class GrpcApi {

    private final Access access;
    private final Operations operations;
    private final Management management;
    private final PulledSources sources;

    /** Offers these operations. */
    public GrpcApi(
            Operations operations, Management management, PulledSources sources, Access access) {
        this.access = access;
        this.operations = operations;
        this.management = management;
        this.sources = sources;
    }

    /** Every public service. */
    public List<BindableService> services() {
        return Stream.<BindableService>of(
                        new Streams(),
                        new Workers(),
                        new DefinitionCalls(),
                        new PullCalls(),
                        new Ingests(),
                        new History())
                .map(this::guarded)
                .toList();
    }

    private BindableService guarded(BindableService service) {
        return () -> ServerInterceptors.intercept(service, access);
    }

    private final class Streams extends StreamServiceGrpc.StreamServiceImplBase {
        @Override
        public void listStreams(
                ListStreamsRequest request, StreamObserver<ListStreamsResponse> observer) {
            answer(observer, () -> operations.listStreams(request));
        }

        @Override
        public void getStream(
                GetStreamRequest request, StreamObserver<GetStreamResponse> observer) {
            answer(observer, () -> operations.getStream(request));
        }

        @Override
        public void stopStream(
                StopStreamRequest request, StreamObserver<StopStreamResponse> observer) {
            answer(observer, () -> operations.stopStream(request));
        }

        @Override
        public void locateStream(
                LocateStreamRequest request, StreamObserver<LocateStreamResponse> observer) {
            answer(observer, () -> operations.locateStream(request));
        }

        @Override
        public void watchStreams(
                WatchStreamsRequest request, StreamObserver<WatchStreamsResponse> observer) {
            try {
                operations.watch(request, Context.current()::isCancelled, observer::onNext);
                observer.onCompleted();
            } catch (InterruptedException e) {
                // The guard ends a stream in this way when its peer is gone.
                Thread.currentThread().interrupt();
            } catch (ApiException e) {
                throw Reasons.grpcError(e.reason(), e.detail());
            } catch (RegistryAwayException e) {
                throw Reasons.grpcError(
                        Reason.REASON_REGISTRY_AWAY, String.valueOf(e.getMessage()));
            }
        }
    }

    private final class Workers extends WorkerServiceGrpc.WorkerServiceImplBase {
        @Override
        public void listWorkers(
                ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
            answer(observer, () -> management.listWorkers(request));
        }

        @Override
        public void getWorker(
                GetWorkerRequest request, StreamObserver<GetWorkerResponse> observer) {
            answer(observer, () -> management.getWorker(request));
        }

        @Override
        public void drainWorker(
                DrainWorkerRequest request, StreamObserver<DrainWorkerResponse> observer) {
            answer(observer, () -> management.drain(request));
        }

        @Override
        public void undrainWorker(
                UndrainWorkerRequest request, StreamObserver<UndrainWorkerResponse> observer) {
            answer(observer, () -> management.undrain(request));
        }
    }

    private final class DefinitionCalls extends DefinitionServiceGrpc.DefinitionServiceImplBase {
        @Override
        public void listDefinitions(
                ListDefinitionsRequest request, StreamObserver<ListDefinitionsResponse> observer) {
            answer(observer, () -> management.listDefinitions(request));
        }

        @Override
        public void getDefinition(
                GetDefinitionRequest request, StreamObserver<GetDefinitionResponse> observer) {
            answer(observer, () -> management.getDefinition(request));
        }

        @Override
        public void putDefinition(
                PutDefinitionRequest request, StreamObserver<PutDefinitionResponse> observer) {
            answer(observer, () -> management.putDefinition(request));
        }

        @Override
        public void deleteDefinition(
                DeleteDefinitionRequest request,
                StreamObserver<DeleteDefinitionResponse> observer) {
            answer(observer, () -> management.deleteDefinition(request));
        }
    }

    private final class PullCalls extends PullServiceGrpc.PullServiceImplBase {
        @Override
        public void listPulls(
                ListPullsRequest request, StreamObserver<ListPullsResponse> observer) {
            answer(observer, () -> sources.list(request));
        }

        @Override
        public void getPull(GetPullRequest request, StreamObserver<GetPullResponse> observer) {
            answer(observer, () -> sources.get(request));
        }
    }

    private final class Ingests extends IngestServiceGrpc.IngestServiceImplBase {
        @Override
        public void allocateIngest(
                AllocateIngestRequest request, StreamObserver<AllocateIngestResponse> observer) {
            answer(observer, () -> management.allocate(request));
        }

        @Override
        public void explainIngest(
                ExplainIngestRequest request, StreamObserver<ExplainIngestResponse> observer) {
            answer(observer, () -> management.explain(request));
        }
    }

    private final class History extends EventServiceGrpc.EventServiceImplBase {
        @Override
        public void listRefusals(
                ListRefusalsRequest request, StreamObserver<ListRefusalsResponse> observer) {
            answer(observer, () -> management.listRefusals(request));
        }

        @Override
        public void getTimeline(
                GetTimelineRequest request, StreamObserver<GetTimelineResponse> observer) {
            answer(observer, () -> management.timeline(request));
        }
    }

    private static <R> void answer(StreamObserver<R> observer, Supplier<R> operation) {
        R response;
        try {
            response = operation.get();
        } catch (ApiException e) {
            throw Reasons.grpcError(e.reason(), e.detail());
        } catch (RegistryAwayException e) {
            throw Reasons.grpcError(Reason.REASON_REGISTRY_AWAY, String.valueOf(e.getMessage()));
        }
        observer.onNext(response);
        observer.onCompleted();
    }
}
