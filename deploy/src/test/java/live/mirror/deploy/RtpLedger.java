package live.mirror.deploy;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;

import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.StartOldest;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.jspecify.annotations.Nullable;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A packager of a {@link NumberedRtpSource}, which holds each gap against what it was told. */
final class RtpLedger implements AutoCloseable {

    private final Context.CancellableContext context = Context.current().withCancellation();
    private final List<Discontinuity> discontinuities = new CopyOnWriteArrayList<>();
    private final List<String> wrongs = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile long delivered;
    private volatile long lost;
    private volatile long last = -1;

    RtpLedger(ManagedChannel channel, String streamId) {
        thread =
                Thread.ofVirtual()
                        .name("ledger " + streamId)
                        .start(() -> context.run(() -> read(channel, streamId)));
    }

    /** Packets that came. */
    long delivered() {
        return delivered;
    }

    /** Packets that were told as lost, exactly. */
    long lost() {
        return lost;
    }

    /** The last number that came. */
    long last() {
        return last;
    }

    /** What should not be: sentences. */
    List<String> wrongs() {
        return wrongs;
    }

    List<Discontinuity> discontinuities() {
        return discontinuities;
    }

    @Override
    public void close() throws InterruptedException {
        context.cancel(null);
        thread.join();
    }

    private void read(ManagedChannel channel, String streamId) {
        try {
            Iterator<SubscribeResponse> responses =
                    DeliveryServiceGrpc.newBlockingStub(channel)
                            .subscribe(
                                    SubscribeRequest.newBuilder()
                                            .setStreamId(streamId)
                                            .setOldest(StartOldest.getDefaultInstance())
                                            .build());
            Discontinuity before = null;
            while (responses.hasNext()) {
                SubscribeResponse response = responses.next();
                if (response.hasDiscontinuity()) {
                    before = response.getDiscontinuity();
                    discontinuities.add(before);
                } else if (response.hasChunk()) {
                    take(response.getChunk().getPayload().asReadOnlyByteBuffer(), before);
                    before = null;
                }
            }
        } catch (StatusRuntimeException e) {
            if (!context.isCancelled()) {
                wrongs.add(e.getStatus().toString());
            }
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // This thread alone writes.
    private void take(ByteBuffer media, @Nullable Discontinuity before) {
        Discontinuity gap = before;
        ByteBuffer expected = ByteBuffer.allocate(NumberedRtpSource.MEDIA_BYTES);
        while (media.hasRemaining()) {
            long number = media.getLong(media.position() + 4);
            expected.clear();
            NumberedRtpSource.media(number, expected);
            ByteBuffer packet = media.slice(media.position(), NumberedRtpSource.MEDIA_BYTES);
            media.position(media.position() + NumberedRtpSource.MEDIA_BYTES);
            if (!packet.equals(expected.flip())) {
                wrongs.add("packet " + number + " is not as it was sent");
            }
            long missing = last < 0 ? 0 : number - last - 1;
            long told = gap == null ? 0 : gap.getLostPackets();
            boolean known = gap == null || gap.getLossesKnown();
            if (missing < 0 || (known && missing != told)) {
                wrongs.add(missing + " missing before " + number + ", told " + told);
            }
            lost += told;
            delivered++;
            last = number;
            gap = null;
        }
    }
}
