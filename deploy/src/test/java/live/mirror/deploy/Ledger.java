package live.mirror.deploy;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;

import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A packager that keeps books: it checks every byte of the numbered packets that it gets, and notes
 * each event. It works from the generated stubs alone.
 */
final class Ledger implements AutoCloseable {

    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final List<SubscribeResponse> events = new CopyOnWriteArrayList<>();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong missing = new AtomicLong();
    private final ByteBuffer expected = ByteBuffer.allocate(NumberedPublisher.TS_PACKET_BYTES);
    private final Thread thread;
    private volatile long lastNumber = -1;
    private volatile boolean stalled;
    private volatile @Nullable String error;
    private volatile boolean over;

    /** Subscribes live. */
    Ledger(ManagedChannel channel, String streamId) {
        thread =
                Thread.ofVirtual()
                        .name("ledger " + streamId)
                        .start(() -> context.run(() -> read(channel, streamId)));
    }

    /** Packets that came. */
    long packets() {
        return packets.get();
    }

    /** Packets with any wrong byte. */
    long wrong() {
        return wrong.get();
    }

    /** Packets that were skipped, by their numbers. */
    long missing() {
        return missing.get();
    }

    long lastNumber() {
        return lastNumber;
    }

    boolean isOver() {
        return over;
    }

    @Nullable String error() {
        return error;
    }

    /** All events but chunks, in order. */
    List<SubscribeResponse> events() {
        return List.copyOf(events);
    }

    List<Discontinuity> discontinuities() {
        return events.stream()
                .filter(SubscribeResponse::hasDiscontinuity)
                .map(SubscribeResponse::getDiscontinuity)
                .toList();
    }

    /** Stops reading, or goes on. */
    synchronized void stall(boolean stall) {
        stalled = stall;
        notifyAll();
    }

    @Override
    public void close() throws InterruptedException {
        context.cancel(null);
        stall(false);
        thread.join();
    }

    private void read(ManagedChannel channel, String streamId) {
        try {
            Iterator<SubscribeResponse> responses =
                    DeliveryServiceGrpc.newBlockingStub(channel)
                            .subscribe(SubscribeRequest.newBuilder().setStreamId(streamId).build());
            while (responses.hasNext()) {
                SubscribeResponse response = responses.next();
                if (response.hasChunk()) {
                    check(response.getChunk().getPayload().asReadOnlyByteBuffer());
                } else {
                    events.add(response);
                }
                awaitGo();
            }
        } catch (StatusRuntimeException e) {
            error = e.getStatus().toString();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        over = true;
    }

    private synchronized void awaitGo() throws InterruptedException {
        while (stalled) {
            wait();
        }
    }

    private void check(ByteBuffer payload) {
        while (payload.remaining() >= NumberedPublisher.TS_PACKET_BYTES) {
            ByteBuffer packet =
                    payload.slice(payload.position(), NumberedPublisher.TS_PACKET_BYTES);
            payload.position(payload.position() + NumberedPublisher.TS_PACKET_BYTES);
            long number = packet.getLong(4);
            expected.clear();
            NumberedPublisher.packet(number, expected);
            packets.incrementAndGet();
            if (!packet.equals(expected.flip())) {
                wrong.incrementAndGet();
            } else if (lastNumber >= 0 && number != lastNumber + 1) {
                missing.addAndGet(number - lastNumber - 1);
            }
            lastNumber = number;
        }
        if (payload.hasRemaining()) {
            wrong.incrementAndGet();
        }
    }
}
