package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
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

import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

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
        assertThat(counters().refusedBySize()).isOne();
    }

    @Test
    void aCallHasOneRequest() throws Exception {
        fixture.publish("cam1", 1);
        assertThat(statusAfter(0).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(statusAfter(2).getCode()).isEqualTo(Status.Code.CANCELLED);
        assertThat(counters().open()).isZero();
    }

    @Test
    void aClientThatPingsWithoutPauseIsToldAndCut() throws Exception {
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), fixture.port())) {
            ByteBuffer said = ByteBuffer.allocate(1_000);
            said.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            // Length, type, flags, stream: SETTINGS (4) with nothing in it, then PING (6).
            said.put(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            for (int i = 0; i < 10; i++) {
                said.put(new byte[] {0, 0, 8, 6, 0, 0, 0, 0, 0}).put(new byte[8]);
            }
            client.getOutputStream().write(said.array(), 0, said.position());
            String answer =
                    new String(client.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            assertThat(answer).as("the GOAWAY's reason").contains("too_many_pings");
        }
        assertThat(counters().flooding()).isOne();
    }

    @Test
    void aConnectionHasSoManyCallsAndNoMore() throws Exception {
        byte[] head = callHeaders();
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), fixture.port())) {
            ByteBuffer said = ByteBuffer.allocate(10_000);
            said.put("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            said.put(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
            // HEADERS (1) that are whole (END_HEADERS, 4), and no request behind them.
            int calls = DeliveryFixture.MAX_SUBSCRIPTIONS + DeliveryServer.CALLS_TO_REFUSE + 1;
            for (int i = 0; i < calls; i++) {
                said.put(new byte[] {0, 0, (byte) head.length, 1, 4}).putInt(2 * i + 1).put(head);
            }
            client.getOutputStream().write(said.array(), 0, said.position());
            DataInputStream answers = new DataInputStream(client.getInputStream());
            byte[] frame = new byte[0];
            int type = 0;
            int stream = 0;
            // RST_STREAM (3): RFC 9113, 6.4.
            while (type != 3) {
                int lengthAndType = answers.readInt();
                type = lengthAndType & 0xff;
                assertThat(answers.readByte()).as("flags").isBetween((byte) 0, (byte) 1);
                stream = answers.readInt();
                frame = answers.readNBytes(lengthAndType >>> 8);
            }
            assertThat(stream).as("the last one").isEqualTo(2 * calls - 1);
            assertThat(frame).as("REFUSED_STREAM").isEqualTo(new byte[] {0, 0, 0, 7});
        }
        assertThat(counters().refusedByConnection()).isOne();
    }

    /** What a call begins with, in HPACK without a table of its own (RFC 7541, 6.1 and 6.2.2). */
    private static byte[] callHeaders() {
        ByteBuffer head = ByteBuffer.allocate(200);
        // Indexed: ":method: POST", ":scheme: http"; named by index: ":path" 4, "content-type" 31.
        head.put((byte) 0x83).put((byte) 0x86);
        text(head.put((byte) 0x04), "/mirror.v1.DeliveryService/Subscribe");
        text(head.put((byte) 0x0f).put((byte) 0x10), "application/grpc");
        text(text(head.put((byte) 0), "te"), "trailers");
        return Arrays.copyOf(head.array(), head.position());
    }

    private static ByteBuffer text(ByteBuffer head, String text) {
        return head.put((byte) text.length()).put(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** Takes ten seconds: gRPC looks no more often. */
    @Test
    void aConnectionWithoutASignOfLifeIsCut() throws Exception {
        try (DeliveryFixture impatient =
                        new DeliveryFixture(Duration.ofSeconds(60), Duration.ofMillis(500));
                BreakableProxy network = new BreakableProxy(impatient.port())) {
            impatient.publish("cam1", 1);
            Iterator<SubscribeResponse> events =
                    subscribe(connect(network.address()), live("cam1"));
            assertThat(events.next().hasStarted()).isTrue();
            network.fallSilent();
            DeliveryCounters counters = impatient.server().counters();
            while (counters.silent() == 0 || counters.open() > 0) {
                LockSupport.parkNanos(2_000_000);
            }
            assertThat(counters.silent()).isOne();
        }
    }

    /** What a call ends with that sends so many requests. */
    private Status statusAfter(int requests) throws Exception {
        CompletableFuture<Status> end = new CompletableFuture<>();
        ClientCall<SubscribeRequest, SubscribeResponse> call =
                connect().newCall(DeliveryServiceGrpc.getSubscribeMethod(), CallOptions.DEFAULT);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        end.complete(status);
                    }
                },
                new Metadata());
        for (int i = 0; i < requests; i++) {
            call.sendMessage(live("cam1").build());
        }
        call.halfClose();
        return end.get(20, TimeUnit.SECONDS);
    }

    private DeliveryCounters counters() {
        return fixture.server().counters();
    }

    /** What a further connection's subscription begins with; nothing while it has no place. */
    private Optional<SubscribeResponse> firstOfAnother() {
        ManagedChannel channel = connect();
        try {
            return Optional.of(subscribe(channel, live("cam1")).next());
        } catch (StatusRuntimeException e) {
            assertThat(Reasons.of(e)).contains(Reason.REASON_CAPACITY);
            channel.shutdownNow();
            return Optional.empty();
        }
    }

    private ManagedChannel connect() {
        return connect(fixture.address());
    }

    private ManagedChannel connect(String address) {
        ManagedChannel channel = NettyChannelBuilder.forTarget(address).usePlaintext().build();
        channels.add(channel);
        return channel;
    }

    private static Iterator<SubscribeResponse> subscribe(
            ManagedChannel channel, SubscribeRequest.Builder request) {
        return DeliveryServiceGrpc.newBlockingStub(channel).subscribe(request.build());
    }

    private Reason refusalOf(ManagedChannel channel, SubscribeRequest.Builder request) {
        return refusalOf(subscribe(channel, request));
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
