package live.mirror.client;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;

import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.StreamServiceGrpc;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/** Asks the control plane where a stream is. One thread. */
final class Locator implements AutoCloseable {

    private static final Duration DEADLINE = Duration.ofSeconds(2);

    private final ManagedChannel channel;
    private final CallOptions options;
    private final LocateStreamRequest request;
    private @Nullable Future<LocateStreamResponse> pending;

    Locator(ManagedChannel channel, CallOptions options, String streamId) {
        this.channel = channel;
        this.options = options;
        this.request = LocateStreamRequest.newBuilder().setId(streamId).build();
    }

    /** Asks and waits for the answer. */
    LocateStreamResponse locate() throws StatusRuntimeException {
        channel.resetConnectBackoff();
        return ClientCalls.blockingUnaryCall(
                channel, StreamServiceGrpc.getLocateStreamMethod(), withDeadline(), request);
    }

    /**
     * Asks, or looks whether there is an answer to what was asked before. Never waits.
     *
     * @return null as long as there is none; a control plane that is away has none
     */
    @Nullable LocateStreamResponse glance() throws InterruptedException {
        if (pending == null) {
            channel.resetConnectBackoff();
            pending =
                    ClientCalls.futureUnaryCall(
                            channel.newCall(
                                    StreamServiceGrpc.getLocateStreamMethod(), withDeadline()),
                            request);
            return null;
        }
        if (!pending.isDone()) {
            return null;
        }
        Future<LocateStreamResponse> answered = pending;
        pending = null;
        try {
            return answered.get();
        } catch (ExecutionException e) {
            // Nothing is known then, and the subscription stands: it goes on as it is.
            return null;
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }

    private CallOptions withDeadline() {
        return options.withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
