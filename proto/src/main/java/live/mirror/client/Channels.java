package live.mirror.client;

import io.grpc.CallCredentials;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;

import live.mirror.contract.BearerToken;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Connections as Mirror's client makes them. */
public final class Channels {

    /** Room for several chunks on the way, so that a round trip does not hold back the media. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    /** A chunk and what describes it. */
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    /** What the address of a Unix socket begins with. */
    static final String UNIX = "unix:";

    private Channels() {}

    /** Without encryption, to host:port or to {@code unix:/path} on the same machine. */
    public static ManagedChannelBuilder<?> plaintext(String address) {
        return address.startsWith(UNIX)
                ? unix(Path.of(address.substring(UNIX.length())))
                : prepare(NettyChannelBuilder.forTarget("dns:///" + address)).usePlaintext();
    }

    /**
     * With TLS, to servers for whose certificates these authorities vouch: for {@link
     * MirrorSubscriber.Builder#channels}.
     *
     * @param authorities a file of certificates in PEM, read for each connection
     */
    public static Function<String, ManagedChannelBuilder<?>> trusting(Path authorities) {
        return address -> {
            try {
                return prepare(
                        NettyChannelBuilder.forTarget(
                                "dns:///" + address,
                                TlsChannelCredentials.newBuilder()
                                        .trustManager(authorities.toFile())
                                        .build()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        };
    }

    /** A token for {@link MirrorSubscriber.Builder#credentials}. */
    public static CallCredentials bearer(String token) {
        return new CallCredentials() {
            @Override
            public void applyRequestMetadata(
                    RequestInfo call, Executor executor, MetadataApplier applier) {
                Metadata headers = new Metadata();
                BearerToken.put(headers, token);
                applier.apply(headers);
            }
        };
    }

    private static NettyChannelBuilder unix(Path socket) {
        return prepare(NettyChannelBuilder.forAddress(UnixDomainSocketAddress.of(socket)))
                .channelType(NioDomainSocketChannel.class)
                .eventLoopGroup(UnixLoops.GROUP)
                .overrideAuthority("localhost")
                .usePlaintext();
    }

    /** Made when the first Unix socket is used; its threads end with the process. */
    private static final class UnixLoops {
        static final EventLoopGroup GROUP =
                new MultiThreadIoEventLoopGroup(
                        0,
                        new DefaultThreadFactory("mirror-unix", true),
                        NioIoHandler.newFactory());
    }

    /**
     * Sets what media need: a window of {@value #FLOW_CONTROL_WINDOW_BYTES} bytes, a sign of life
     * each 10 seconds so that a dead peer is noticed, and no thread of gRPC's own for callbacks.
     */
    public static NettyChannelBuilder prepare(NettyChannelBuilder channel) {
        return channel.flowControlWindow(FLOW_CONTROL_WINDOW_BYTES)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .directExecutor();
    }
}
