package live.mirror.delivery;

import com.google.protobuf.ByteString;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.settings.TlsFiles;
import live.mirror.stream.Decision;
import live.mirror.stream.Ingest;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.stream.RingSizing;
import live.mirror.v1.Chunk;
import live.mirror.v1.DeliveryServiceGrpc;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/** A delivery server with streams that the test itself writes, and a channel to it. */
final class DeliveryFixture implements AutoCloseable {

    static final int MAX_SUBSCRIPTIONS = 7;
    static final int MAX_PER_STREAM = 5;
    static final int MAX_CONNECTIONS = 8;
    static final long ARRIVAL_UNIX_US = 1_700_000_000_000_000L;

    private static final int MIB = 1 << 20;

    private final Path socket = temporarySocket();
    private final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(1), 4 * MIB, 4 * MIB),
                    InstantSource.system());
    private final DeliveryServer server;
    private final ManagedChannel channel;

    /** With patience for slow subscribers, on whatever machine. */
    DeliveryFixture() {
        this(Duration.ofSeconds(60));
    }

    DeliveryFixture(Duration stallLimit) {
        this(stallLimit, Duration.ofSeconds(20));
    }

    DeliveryFixture(Duration stallLimit, Duration keepAlive) {
        this(stallLimit, keepAlive, Optional.empty(), Optional.empty());
    }

    /** For whoever shows one of these tokens, over TLS. */
    DeliveryFixture(TlsFiles tls, Path tokens) {
        this(Duration.ofSeconds(60), Duration.ofSeconds(20), Optional.of(tls), Optional.of(tokens));
    }

    private DeliveryFixture(
            Duration stallLimit,
            Duration keepAlive,
            Optional<TlsFiles> tls,
            Optional<Path> tokens) {
        server =
                new DeliveryServer(
                        new DeliverySettings(
                                new HostPort("127.0.0.1", 0),
                                Optional.of(socket),
                                tls,
                                tokens,
                                Duration.ofMillis(1),
                                2,
                                MAX_SUBSCRIPTIONS,
                                MAX_PER_STREAM,
                                MAX_CONNECTIONS,
                                256 * 1024,
                                stallLimit,
                                keepAlive),
                        "w1",
                        streams);
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port()).usePlaintext().build();
    }

    private static Path temporarySocket() {
        return Path.of(
                System.getProperty("java.io.tmpdir"), "mirror-test-" + UUID.randomUUID() + ".sock");
    }

    int port() {
        return server.port();
    }

    /** Where it listens besides TCP. */
    Path socket() {
        return socket;
    }

    String address() {
        return "127.0.0.1:" + server.port();
    }

    DeliveryServer server() {
        return server;
    }

    /** A publisher's arrival. */
    Ingest publish(String stream, long epoch) throws InterruptedException {
        return streams.begin(
                new Offer(new StreamId(stream), Protocol.PROTOCOL_SRT, "127.0.0.1:4000", 0, ""),
                new Decision.Admitted(epoch, 1_000, Duration.ofMinutes(1)),
                _ -> {});
    }

    /** Writes and publishes one payload that begins with its number. */
    void send(Ingest ingest, int bytes, int number) {
        send(ingest, bytes, number, 0);
    }

    void send(Ingest ingest, int bytes, int number, int flags) {
        write(ingest, bytes, number, flags);
        ingest.ring().publish();
        ingest.received(bytes, 1);
    }

    void write(Ingest ingest, int bytes, int number, int flags) {
        ingest.ring()
                .write(
                        payload(bytes, number).asReadOnlyByteBuffer(),
                        ingest.epoch(),
                        ARRIVAL_UNIX_US,
                        flags);
    }

    void finish(Ingest ingest, Reason reason) {
        ingest.finish(reason);
    }

    /** The stream goes on at another delivery service. */
    void move(String stream, long epoch, String address) {
        streams.end(new StreamId(stream), epoch, Reason.REASON_MOVED, address);
    }

    Iterator<SubscribeResponse> subscribe(SubscribeRequest.Builder request) {
        return DeliveryServiceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(20, TimeUnit.SECONDS)
                .subscribe(request.build());
    }

    static ByteString payload(int bytes, int number) {
        byte[] payload = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            payload[i] = (byte) (number + i);
        }
        ByteBuffer.wrap(payload).putInt(number);
        return ByteString.copyFrom(payload);
    }

    static int firstNumber(Chunk chunk) {
        return chunk.getPayload().asReadOnlyByteBuffer().getInt();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.close();
        streams.all().forEach(stream -> stream.end(Reason.REASON_DRAINING));
    }
}
