package live.mirror.control.worker;

import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.settings.TlsFiles;
import live.mirror.v1.GetFiguresRequest;
import live.mirror.v1.GetFiguresResponse;
import live.mirror.v1.ReplicaServiceGrpc;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Fetches the figures of workers that report to other replicas, when somebody asks for them. A
 * replica that does not answer within {@link #LIMIT_MS} costs its figures, not the answer.
 */
public final class PeerFigures implements AutoCloseable {

    private static final long LIMIT_MS = 300;

    private final Figures figures;
    private final Optional<TlsFiles> tls;
    private final ConcurrentHashMap<String, ManagedChannel> channels = new ConcurrentHashMap<>();

    /**
     * Adds what it fetches to these.
     *
     * @param tls of the link's listener, which is also what this replica shows to others
     */
    public PeerFigures(Figures figures, Optional<TlsFiles> tls) {
        this.figures = figures;
        this.tls = tls;
    }

    /** The service that other replicas ask. */
    public ReplicaServiceGrpc.ReplicaServiceImplBase service() {
        return new ReplicaServiceGrpc.ReplicaServiceImplBase() {
            @Override
            public void getFigures(
                    GetFiguresRequest request, StreamObserver<GetFiguresResponse> observer) {
                observer.onNext(figures.own(request.getWorkersList()));
                observer.onCompleted();
            }
        };
    }

    /**
     * Fetches what is older than a second. Blocks for {@link #LIMIT_MS} at most for each replica.
     *
     * @param workers ids by the link address of the replica to which they report
     */
    public void refresh(Map<String, ? extends Collection<String>> workers) {
        workers.forEach((replica, ids) -> {
            List<String> stale = figures.stale(ids);
            if (!replica.isEmpty() && !stale.isEmpty()) {
                fetch(replica, stale);
            }
        });
    }

    private void fetch(String replica, List<String> workers) {
        try {
            figures.putPeer(
                    ReplicaServiceGrpc.newBlockingStub(
                                    channels.computeIfAbsent(replica, this::connect))
                            .withDeadlineAfter(LIMIT_MS, TimeUnit.MILLISECONDS)
                            .getFigures(
                                    GetFiguresRequest.newBuilder().addAllWorkers(workers).build()));
        } catch (StatusRuntimeException e) {
            // Dead or slow: what is known stands, and the workers move to another replica soon.
            figures.tried(workers);
        }
    }

    private ManagedChannel connect(String replica) {
        return NettyChannelBuilder.forTarget(
                        replica,
                        tls.map(TlsFiles::channelCredentials)
                                .orElseGet(InsecureChannelCredentials::create))
                .maxInboundMessageSize(64 << 20)
                .build();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
