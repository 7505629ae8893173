package live.mirror.control.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A watcher by gRPC. */
public final class GrpcWatch implements AutoCloseable {
    private final ManagedChannel channel;
    private final Iterator<WatchStreamsResponse> updates;

    /** Watches at this port, from behind an event or, with an empty one, the whole. */
    public GrpcWatch(int port, String after) {
        channel = NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
        updates =
                StreamServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(30, TimeUnit.SECONDS)
                        .watchStreams(WatchStreamsRequest.newBuilder().setAfter(after).build());
    }

    /** The streams that there are at first. */
    public List<String> whole() {
        assertThat(updates.next().hasReset()).isTrue();
        List<String> streams = new ArrayList<>();
        for (WatchStreamsResponse each = updates.next();
                !each.hasHeartbeat();
                each = updates.next()) {
            assertThat(each.getEventId()).isEmpty();
            streams.add(each.getStream().getId());
        }
        return streams;
    }

    /** So many changes, without another reset among them. */
    public List<Seen> changes(int count) {
        List<Seen> seen = new ArrayList<>();
        while (seen.size() < count) {
            WatchStreamsResponse each = updates.next();
            assertThat(each.hasReset()).isFalse();
            if (each.hasStream()) {
                seen.add(
                        new Seen(
                                each.getEventId(),
                                each.getStream().getId(),
                                each.getStream()
                                        .getStatus()
                                        .name()
                                        .substring("STREAM_STATUS_".length()),
                                each.getStream().getEpoch()));
            }
        }
        return seen;
    }

    /** Waits until all comes anew. */
    public boolean untilReset() {
        while (updates.hasNext()) {
            if (updates.next().hasReset()) {
                return true;
            }
        }
        return false;
    }

    /** Waits for an alarm. */
    public WatchStreamsResponse alarm() {
        while (true) {
            WatchStreamsResponse each = updates.next();
            if (each.hasAlarm()) {
                return each;
            }
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
