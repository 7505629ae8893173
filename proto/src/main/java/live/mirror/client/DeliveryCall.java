package live.mirror.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One Subscribe call, read by one thread. gRPC's thread only queues; as many messages are asked for
 * as the queue may hold, so a reader that takes its time holds back the worker.
 */
final class DeliveryCall extends ClientCall.Listener<SubscribeResponse> implements AutoCloseable {

    /** What comes next. */
    sealed interface Item {
        /** A message. */
        record Event(SubscribeResponse message) implements Item {}

        /** The call is over. */
        record Closed(StatusRuntimeException why) implements Item {}
    }

    private static final int MAX_QUEUED = 8;

    private static final MethodDescriptor<SubscribeRequest, SubscribeResponse> SUBSCRIBE =
            DeliveryServiceGrpc.getSubscribeMethod().toBuilder()
                    .setResponseMarshaller(
                            new AliasingMarshaller(
                                    DeliveryServiceGrpc.getSubscribeMethod()
                                            .getResponseMarshaller()))
                    .build();

    private final ManagedChannel channel;
    private final ClientCall<SubscribeRequest, SubscribeResponse> call;
    private final BlockingQueue<Item> items = new LinkedBlockingQueue<>();

    /** Owns the channel from now on. */
    DeliveryCall(ManagedChannel channel, CallOptions options, SubscribeRequest request) {
        this.channel = channel;
        this.call = channel.newCall(SUBSCRIBE, options);
        call.start(this, new Metadata());
        call.request(MAX_QUEUED);
        call.sendMessage(request);
        call.halfClose();
    }

    @Override
    public void onMessage(SubscribeResponse message) {
        items.add(new Item.Event(message));
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        items.add(new Item.Closed(new StatusRuntimeException(status, trailers)));
    }

    /** The next item, or null when none comes in time. */
    @Nullable Item next(Duration atMost) throws InterruptedException {
        Item item = items.poll(atMost.toNanos(), TimeUnit.NANOSECONDS);
        if (item instanceof Item.Event) {
            call.request(1);
        }
        return item;
    }

    @Override
    public void close() {
        call.cancel("the subscriber has left", null);
        channel.shutdownNow();
    }
}
