package live.mirror.delivery;

import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.contract.StreamId;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Reason;
import live.mirror.v1.SubscribeRequest;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;

/** Opens subscriptions. Runs on the event loops: nothing here blocks. */
final class DeliveryService implements BindableService {

    private final LiveStreams streams;
    private final Supplier<DeliveryLoop> currentLoop;
    private final Terms terms;

    /**
     * What every subscription has to know.
     *
     * @param worker this worker's id
     * @param maxSubscriptions of this worker
     * @param maxSubscriptionsPerStream of one stream
     * @param maxConnectionsPerAddress from one address
     * @param queueBytes what may wait for one subscriber's socket
     * @param stallLimit how long a subscriber may leave its queue full
     * @param counters of this worker
     */
    record Terms(
            String worker,
            int maxSubscriptions,
            int maxSubscriptionsPerStream,
            int maxConnectionsPerAddress,
            int queueBytes,
            Duration stallLimit,
            DeliveryCounters counters) {}

    DeliveryService(LiveStreams streams, Supplier<DeliveryLoop> currentLoop, Terms terms) {
        this.streams = streams;
        this.currentLoop = currentLoop;
        this.terms = terms;
    }

    @Override
    public ServerServiceDefinition bindService() {
        ServiceDescriptor generated = DeliveryServiceGrpc.getServiceDescriptor();
        ServiceDescriptor descriptor =
                ServiceDescriptor.newBuilder(generated.getName())
                        .setSchemaDescriptor(generated.getSchemaDescriptor())
                        .addMethod(DeliveryMethod.SUBSCRIBE)
                        .build();
        ServerCallHandler<SubscribeRequest, Outgoing> handler = (call, _) -> new Opening(call);
        return ServerServiceDefinition.builder(descriptor)
                .addMethod(DeliveryMethod.SUBSCRIBE, handler)
                .build();
    }

    /** A call whose request is still to come; then hands everything on to the subscription. */
    private final class Opening extends ServerCall.Listener<SubscribeRequest> {

        private final ServerCall<SubscribeRequest, Outgoing> call;
        private @Nullable SubscribeRequest request;
        private @Nullable Subscription subscription;

        Opening(ServerCall<SubscribeRequest, Outgoing> call) {
            this.call = call;
            call.setOnReadyThreshold(terms.queueBytes());
            // One more than allowed, so that gRPC sees a second one and cancels the call.
            call.request(2);
        }

        @Override
        public void onMessage(SubscribeRequest message) {
            request = message;
        }

        @Override
        public void onHalfClose() {
            if (request == null) {
                call.close(Status.INVALID_ARGUMENT.withDescription("no request"), new Metadata());
                return;
            }
            try {
                subscription = open(call, request);
                subscription.start();
            } catch (StatusRuntimeException refusal) {
                Metadata trailers = refusal.getTrailers();
                call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
            }
        }

        @Override
        public void onReady() {
            if (subscription != null) {
                subscription.onReady();
            }
        }

        @Override
        public void onCancel() {
            if (subscription != null) {
                subscription.onCancel();
            }
        }

        @Override
        public void onComplete() {
            if (subscription != null) {
                subscription.onComplete();
            }
        }
    }

    private Subscription open(
            ServerCall<SubscribeRequest, Outgoing> call, SubscribeRequest request) {
        DeliveryCounters counters = terms.counters();
        if (ConnectionLimit.isExcess(call.getAttributes())) {
            throw refusal(
                    counters.refusedByAddress,
                    "one address has no more than "
                            + terms.maxConnectionsPerAddress()
                            + " connections");
        }
        LiveStream stream = find(request);
        DeliveryLoop loop = currentLoop.get();
        if (counters.open.incrementAndGet() > terms.maxSubscriptions()) {
            counters.open.decrementAndGet();
            throw refusal(
                    counters.refused,
                    "this worker serves no more than "
                            + terms.maxSubscriptions()
                            + " subscriptions");
        }
        try {
            if (stream.ring().readerCount() >= terms.maxSubscriptionsPerStream()) {
                throw refusal(
                        counters.refusedByStream,
                        "one stream has no more than "
                                + terms.maxSubscriptionsPerStream()
                                + " subscriptions");
            }
            return new Subscription(
                    call, loop, stream, request, terms, counters.open::decrementAndGet);
        } catch (IllegalStateException _) {
            // It stopped between the two lines.
            counters.open.decrementAndGet();
            throw notFound(request);
        } catch (StatusRuntimeException refusal) {
            counters.open.decrementAndGet();
            throw refusal;
        }
    }

    private LiveStream find(SubscribeRequest request) {
        StreamId id =
                StreamId.parse(request.getStreamId())
                        .orElseThrow(() ->
                                Reasons.grpcError(
                                        Reason.REASON_BAD_STREAM_ID, "stream_id breaks the rule"));
        Optional<StatusRuntimeException> problem = Subscription.problemOf(request);
        if (problem.isPresent()) {
            throw problem.get();
        }
        return streams.find(id).orElseThrow(() -> notFound(request));
    }

    private static StatusRuntimeException refusal(LongAdder counter, String sentence) {
        counter.increment();
        return Reasons.grpcError(Reason.REASON_CAPACITY, sentence);
    }

    private static StatusRuntimeException notFound(SubscribeRequest request) {
        return Reasons.grpcError(
                Reason.REASON_NOT_FOUND, "this worker does not hold " + request.getStreamId());
    }
}
