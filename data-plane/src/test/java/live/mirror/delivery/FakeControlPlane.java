package live.mirror.delivery;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.Reasons;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.StreamStatus;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A control plane that locates streams where the test says. */
final class FakeControlPlane extends StreamServiceGrpc.StreamServiceImplBase
        implements AutoCloseable {

    private final Map<String, LocateStreamResponse> locations = new ConcurrentHashMap<>();
    private final Server server;

    FakeControlPlane() {
        this(InsecureServerCredentials.create());
    }

    FakeControlPlane(ServerCredentials credentials) {
        try {
            server =
                    NettyServerBuilder.forAddress(
                                    new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                    credentials)
                            .addService(this)
                            .build()
                            .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String address() {
        return "localhost:" + server.getPort();
    }

    void locate(String stream, String address, long epoch) {
        locations.put(
                stream,
                LocateStreamResponse.newBuilder()
                        .setDeliveryAddress(address)
                        .setEpoch(epoch)
                        .setStatus(
                                address.isEmpty()
                                        ? StreamStatus.STREAM_STATUS_RECONNECTING
                                        : StreamStatus.STREAM_STATUS_ACTIVE)
                        .build());
    }

    @Override
    public void locateStream(
            LocateStreamRequest request, StreamObserver<LocateStreamResponse> answer) {
        LocateStreamResponse location = locations.get(request.getId());
        if (location == null) {
            answer.onError(Reasons.grpcError(Reason.REASON_NOT_FOUND, "no such stream"));
        } else {
            answer.onNext(location);
            answer.onCompleted();
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
