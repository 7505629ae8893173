package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.contract.Reasons;
import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Reason;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What the delivery server refuses, and that each refusal is counted. */
@Timeout(60)
class DeliveryLimitsTest {

    private final DeliveryFixture fixture = new DeliveryFixture();
    private final List<ManagedChannel> channels = new ArrayList<>();

    @AfterEach
    void close() {
        channels.forEach(ManagedChannel::shutdownNow);
        fixture.close();
    }

    @Test
    void whatCannotBeIsRefusedWithItsReason() {
        assertThat(refusalOf(live("nothing"))).isEqualTo(Reason.REASON_NOT_FOUND);
        assertThat(refusalOf(live("no such thing"))).isEqualTo(Reason.REASON_BAD_STREAM_ID);
        assertThat(refusalOf(live("cam1").setMaxChunkBytes(1)))
                .isEqualTo(Reason.REASON_INVALID_REQUEST);
    }

    @Test
    void aStreamHasSoManySubscriptionsAndNoMore() throws Exception {
        fixture.publish("cam1", 1);
        for (int i = 0; i < DeliveryFixture.MAX_PER_STREAM; i++) {
            fixture.subscribe(live("cam1")).next();
        }
        assertThat(refusalOf(live("cam1"))).isEqualTo(Reason.REASON_CAPACITY);
        assertThat(counters().refusedByStream()).isOne();
        assertThat(counters().open()).isEqualTo(DeliveryFixture.MAX_PER_STREAM);
    }

    @Test
    void aWorkerHasSoManySubscriptionsAndNoMore() throws Exception {
        for (int i = 0; i <= DeliveryFixture.MAX_SUBSCRIPTIONS; i++) {
            fixture.publish("cam" + i, 1);
        }
        for (int i = 0; i < DeliveryFixture.MAX_SUBSCRIPTIONS; i++) {
            fixture.subscribe(live("cam" + i)).next();
        }
        assertThat(refusalOf(live("cam" + DeliveryFixture.MAX_SUBSCRIPTIONS)))
                .isEqualTo(Reason.REASON_CAPACITY);
        assertThat(counters().refused()).isOne();
        assertThat(counters().open()).isEqualTo(DeliveryFixture.MAX_SUBSCRIPTIONS);
    }

    @Test
    void anAddressHasSoManyConnectionsAndNoMore() throws Exception {
        fixture.publish("cam1", 1);
        for (int i = 0; i < DeliveryFixture.MAX_CONNECTIONS; i++) {
            // An error of the service, not of the bound: the connection is there.
            assertThat(refusalOf(connect(), live("nothing"))).isEqualTo(Reason.REASON_NOT_FOUND);
        }
        assertThat(refusalOf(connect(), live("cam1"))).isEqualTo(Reason.REASON_CAPACITY);
        assertThat(counters().refusedByAddress()).isOne();
        channels.forEach(ManagedChannel::shutdownNow);
        Optional<SubscribeResponse> first = Optional.empty();
        while (first.isEmpty()) {
            first = firstOfAnother();
        }
        assertThat(first.get().hasStarted()).as("places are given back").isTrue();
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() {
        assertThatThrownBy(() -> fixture.subscribe(live("x".repeat(20_000))).next())
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e ->
                                assertThat(e.getStatus().getCode())
                                        .isEqualTo(Status.Code.RESOURCE_EXHAUSTED));
    }

    private DeliveryCounters counters() {
        return fixture.server().counters();
    }

    /** What a further connection's subscription begins with; nothing while it has no place. */
    private Optional<SubscribeResponse> firstOfAnother() {
        ManagedChannel channel = connect();
        try {
            return Optional.of(
                    DeliveryServiceGrpc.newBlockingStub(channel)
                            .subscribe(live("cam1").build())
                            .next());
        } catch (StatusRuntimeException e) {
            assertThat(Reasons.of(e)).contains(Reason.REASON_CAPACITY);
            channel.shutdownNow();
            return Optional.empty();
        }
    }

    private ManagedChannel connect() {
        ManagedChannel channel =
                NettyChannelBuilder.forTarget(fixture.address()).usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    private Reason refusalOf(ManagedChannel channel, SubscribeRequest.Builder request) {
        return refusalOf(DeliveryServiceGrpc.newBlockingStub(channel).subscribe(request.build()));
    }

    private Reason refusalOf(SubscribeRequest.Builder request) {
        return refusalOf(fixture.subscribe(request));
    }

    private static Reason refusalOf(Iterator<SubscribeResponse> events) {
        StatusRuntimeException[] refusal = new StatusRuntimeException[1];
        assertThatThrownBy(events::next)
                .isInstanceOfSatisfying(StatusRuntimeException.class, e -> refusal[0] = e);
        return Reasons.of(refusal[0]).orElseThrow();
    }

    private static SubscribeRequest.Builder live(String stream) {
        return SubscribeRequest.newBuilder().setStreamId(stream);
    }
}
