package live.mirror.deploy;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.client.SubscriptionHandler;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.Ended;
import live.mirror.v1.Reason;
import live.mirror.v1.Started;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A packager on the client library that keeps books of the numbered packets that it gets: each one
 * once, in order, whole, and every hole behind a discontinuity.
 */
final class ClientLedger implements SubscriptionHandler, AutoCloseable {

    private final MirrorSubscriber subscriber;
    private final CompletableFuture<Ended> ended = new CompletableFuture<>();
    private final List<String> events = new CopyOnWriteArrayList<>();
    private final AtomicLong packets = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final AtomicLong untold = new AtomicLong();
    private final ByteBuffer expected = ByteBuffer.allocate(NumberedPublisher.TS_PACKET_BYTES);
    private volatile String worker = "";
    private volatile long resumedAt = -1;
    private long next = -1;
    private boolean broken;

    ClientLedger(String controlPlane, String stream) {
        subscriber =
                MirrorSubscriber.to(stream)
                        .controlPlane(controlPlane)
                        .from(StartAt.OLDEST)
                        .waitForStream(true)
                        .build();
        Thread.ofVirtual()
                .name("packager of " + stream)
                .start(() -> {
                    try {
                        ended.complete(subscriber.run(this));
                    } catch (Exception e) {
                        ended.completeExceptionally(e);
                    }
                });
    }

    /** Packets that came. */
    long packets() {
        return packets.get();
    }

    /** Packets with a wrong byte, or that came twice or out of order. */
    long wrong() {
        return wrong.get();
    }

    /** Packets that are missing without a discontinuity that says so. */
    long untold() {
        return untold.get();
    }

    /** The worker that delivers. */
    String worker() {
        return worker;
    }

    /** The first position that came from another worker; -1 before that. */
    long resumedAt() {
        return resumedAt;
    }

    List<String> events() {
        return List.copyOf(events);
    }

    CompletableFuture<Ended> ended() {
        return ended;
    }

    @Override
    public void onMedia(Chunk chunk) {
        ByteBuffer media = chunk.getPayload().asReadOnlyByteBuffer();
        while (media.remaining() >= NumberedPublisher.TS_PACKET_BYTES) {
            ByteBuffer packet = media.slice(media.position(), NumberedPublisher.TS_PACKET_BYTES);
            media.position(media.position() + NumberedPublisher.TS_PACKET_BYTES);
            check(packet);
        }
        if (media.hasRemaining()) {
            wrong.incrementAndGet();
        }
    }

    @Override
    public void onDiscontinuity(Discontinuity gap) {
        broken = true;
        events.add(gap.getCause().name().substring("DISCONTINUITY_CAUSE_".length()));
        if (gap.getCause() == DiscontinuityCause.DISCONTINUITY_CAUSE_NOT_RESUMABLE) {
            resumedAt = gap.getPosition();
        }
    }

    @Override
    public void onStarted(Started started) {
        worker = started.getWorker();
        events.add("started at " + worker);
    }

    @Override
    public void onInterrupted(Reason reason, String why) {
        events.add("interrupted: " + why);
    }

    @Override
    public void close() {
        subscriber.close();
    }

    private void check(ByteBuffer packet) {
        long number = packet.getLong(4);
        expected.clear();
        NumberedPublisher.packet(number, expected);
        packets.incrementAndGet();
        if (!packet.equals(expected.flip())) {
            wrong.incrementAndGet();
        } else if (next >= 0 && number != next && !broken) {
            if (number < next) {
                wrong.incrementAndGet();
            } else {
                untold.addAndGet(number - next);
            }
        }
        broken = false;
        next = number + 1;
    }
}
