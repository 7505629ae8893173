package live.mirror.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.Context;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.service.registry.Services;

import live.mirror.control.connection.ConnectionCounters;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.Peer;
import live.mirror.v1.GetStreamRequest;
import live.mirror.v1.GetStreamResponse;
import live.mirror.v1.Stream;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * What a gRPC service may expect of the host that we ship, whatever its handlers and its peers do.
 */
class GrpcHostContractTest {

    private final Odd service = new Odd();
    private Listeners host;
    private ManagedChannel channel;
    private ManagedChannel other;

    @BeforeEach
    void start() {
        // Helidon's metrics feature makes a registry of its own otherwise, for the whole process.
        assertThat(Services.get(MeterRegistry.class)).isNotNull();
        host =
                new Listeners(
                        ServerSettings.read(ControlPlaneTest.settings(Map.of())),
                        new ConnectionCounters(),
                        _ -> {},
                        List.of(service),
                        List.of(),
                        List.of());
        host.start();
        channel = connect();
        other = connect();
    }

    private ManagedChannel connect() {
        return NettyChannelBuilder.forAddress("127.0.0.1", host.httpPort()).usePlaintext().build();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        other.shutdownNow();
        host.close();
    }

    /** As gRPC's C core does, the client of Python and C++. */
    @Test
    void aClientMayWriteOutTheNamesOfPseudoHeaders() {
        String block =
                "\203\206"
                        + "\100\5:path\51/mirror.v1.StreamService/GetStreamNowhere"
                        + "\100\12:authority\1a"
                        + "\100\14content-type\20application/grpc";
        try (Peer peer = new Peer("127.0.0.1", host.httpPort())) {
            peer.send(
                    Peer.PREFACE
                            + "\0\0\0\4\0\0\0\0\0"
                            + "\0\0"
                            + (char) block.length()
                            + "\1\5\0\0\0\1"
                            + block);
            assertThat(peer.frame(1, 7)).as("HEADERS, and no GOAWAY").isEqualTo(1);
        }
    }

    @Test
    void aHandlerThatThrowsIsAnsweredAtOnceAndTellsNothingOfItsInside() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ask(channel, "throw", 5_000))
                .satisfies(e -> {
                    assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
                    assertThat(e.getStatus().getDescription()).doesNotContain("inside");
                });
        assertThat(ask(channel, "fine", 5_000)).isEqualTo("fine");
    }

    @Test
    void aStatusOfAnyCharactersArrivesAndTheConnectionGoesOn() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ask(channel, "odd status", 5_000))
                .satisfies(e ->
                        assertThat(e.getStatus().getDescription()).isEqualTo("Größe 100 %\n€"));
        assertThat(ask(channel, "fine", 5_000)).isEqualTo("fine");
    }

    @Test
    void aDeadlineEndsTheHandlerToo() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ask(channel, "slow", 300))
                .satisfies(e ->
                        assertThat(e.getStatus().getCode())
                                .isEqualTo(Status.Code.DEADLINE_EXCEEDED));
        Await.until("the handler has ended", () -> service.running.get() == 0);
    }

    @Test
    void aCancelledStreamEndsItsHandler() {
        Reader reader = new Reader(Integer.MAX_VALUE);
        watch(channel, reader);
        Await.until("the stream runs", () -> reader.received.get() > 3);
        reader.cancel();
        Await.until("the handler has ended", () -> service.running.get() == 0);
        assertThat(ask(channel, "fine", 5_000)).isEqualTo("fine");
    }

    @Test
    void aConnectionThatIsGoneEndsItsHandlers() {
        for (int i = 0; i < 20; i++) {
            watch(channel, new Reader(Integer.MAX_VALUE));
        }
        Await.until("all streams run", () -> service.running.get() == 20);
        channel.shutdownNow();
        Await.until("all handlers have ended", () -> service.running.get() == 0);
        assertThat(ask(other, "fine", 5_000)).isEqualTo("fine");
    }

    @Test
    void aRequestThatIsTooLargeHurtsNobodyElse() {
        assertThatExceptionOfType(StatusRuntimeException.class)
                .isThrownBy(() -> ask(channel, "x".repeat(6 << 20), 1_000));
        assertThat(ask(other, "fine", 5_000)).isEqualTo("fine");
    }

    @Test
    void fiftyReadersThatStoppedReadingHurtNobodyElse() {
        for (int i = 0; i < 50; i++) {
            watch(channel, new Reader(1));
        }
        Await.until("all streams run", () -> service.begun.get() >= 50);
        for (int i = 0; i < 100; i++) {
            assertThat(ask(other, "fine", 2_000)).isEqualTo("fine");
        }
    }

    @Test
    void manyCancelledStreamsDoNotEndTheConnection() {
        for (int i = 0; i < 120; i++) {
            Reader reader = new Reader(Integer.MAX_VALUE);
            watch(channel, reader);
            Await.until("it runs", () -> reader.received.get() > 0);
            reader.cancel();
        }
        assertThat(ask(channel, "fine", 5_000)).isEqualTo("fine");
    }

    private static String ask(ManagedChannel channel, String id, long deadlineMs) {
        return StreamServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(deadlineMs, TimeUnit.MILLISECONDS)
                .getStream(GetStreamRequest.newBuilder().setId(id).build())
                .getStream()
                .getId();
    }

    private static void watch(ManagedChannel channel, Reader reader) {
        StreamServiceGrpc.newStub(channel)
                .watchStreams(WatchStreamsRequest.getDefaultInstance(), reader);
    }

    /** Reads so many messages and then no more. */
    private static final class Reader
            implements ClientResponseObserver<WatchStreamsRequest, WatchStreamsResponse> {
        private final int limit;
        private final AtomicInteger received = new AtomicInteger();
        private @Nullable ClientCallStreamObserver<WatchStreamsRequest> call;

        Reader(int limit) {
            this.limit = limit;
        }

        void cancel() {
            Objects.requireNonNull(call).cancel("enough", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<WatchStreamsRequest> stream) {
            call = stream;
            stream.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(WatchStreamsResponse message) {
            if (received.incrementAndGet() < limit) {
                Objects.requireNonNull(call).request(1);
            }
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }

    /** Answers as badly as a handler can. */
    private static final class Odd extends StreamServiceGrpc.StreamServiceImplBase {
        private final AtomicInteger running = new AtomicInteger();
        private final AtomicInteger begun = new AtomicInteger();

        @Override
        public void getStream(
                GetStreamRequest request, StreamObserver<GetStreamResponse> observer) {
            switch (request.getId()) {
                case "throw" -> throw new IllegalStateException("the inside");
                case "odd status" ->
                        observer.onError(
                                Status.NOT_FOUND
                                        .withDescription("Größe 100 %\n€")
                                        .asRuntimeException());
                case "slow" -> {
                    running.incrementAndGet();
                    Semaphore cancelled = new Semaphore(0);
                    Context.current().addListener(_ -> cancelled.release(), Runnable::run);
                    cancelled.acquireUninterruptibly();
                    running.decrementAndGet();
                }
                default -> {
                    observer.onNext(
                            GetStreamResponse.newBuilder()
                                    .setStream(Stream.newBuilder().setId(request.getId()))
                                    .build());
                    observer.onCompleted();
                }
            }
        }

        @Override
        public void watchStreams(
                WatchStreamsRequest request, StreamObserver<WatchStreamsResponse> observer) {
            begun.incrementAndGet();
            running.incrementAndGet();
            try {
                WatchStreamsResponse message =
                        WatchStreamsResponse.newBuilder()
                                .setStream(Stream.newBuilder().setWorker("x".repeat(4_000)))
                                .build();
                while (!Context.current().isCancelled()
                        && !Thread.currentThread().isInterrupted()) {
                    observer.onNext(message);
                    LockSupport.parkNanos(2_000_000);
                }
            } finally {
                running.decrementAndGet();
            }
        }
    }
}
