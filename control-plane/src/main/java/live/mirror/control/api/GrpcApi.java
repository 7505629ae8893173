package live.mirror.control.api;

import io.grpc.BindableService;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.control.registry.RegistryAwayException;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetStreamResponse;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.ListWorkersRequest;
import live.mirror.v1.ListWorkersResponse;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StopStreamRequest;
import live.mirror.v1.StopStreamResponse;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.WorkerServiceGrpc;

import java.util.List;
import java.util.function.Supplier;

/** The operations by gRPC. */
public final class GrpcApi {

    private final Operations operations;

    /** Offers these operations. */
    public GrpcApi(Operations operations) {
        this.operations = operations;
    }

    /** Every public service. */
    public List<BindableService> services() {
        return List.of(new Streams(), new Workers());
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
    }

    private final class Workers extends WorkerServiceGrpc.WorkerServiceImplBase {
        @Override
        public void listWorkers(
                ListWorkersRequest request, StreamObserver<ListWorkersResponse> observer) {
            answer(observer, () -> operations.listWorkers(request));
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
