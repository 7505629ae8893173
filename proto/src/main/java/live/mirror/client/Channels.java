package live.mirror.client;

import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.NettyChannelBuilder;

import java.util.concurrent.TimeUnit;

/** Connections as Mirror's client makes them. */
public final class Channels {

    /** Room for several chunks on the way, so that a round trip does not hold back the media. */
    private static final int FLOW_CONTROL_WINDOW_BYTES = 1 << 20;

    /** A chunk and what describes it. */
    private static final int MAX_MESSAGE_BYTES = 1 << 20;

    private Channels() {}

    /** Without encryption. */
    public static ManagedChannelBuilder<?> plaintext(String hostAndPort) {
        return prepare(NettyChannelBuilder.forTarget("dns:///" + hostAndPort)).usePlaintext();
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
