package live.mirror.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;

import java.util.concurrent.atomic.LongAdder;

/**
 * Counts a connection that gRPC ends because its client sends pings or resets more often than it
 * may, with or without a call: only HTTP/2's own GOAWAY says so (RFC 9113, 6.8). One for each
 * connection; its event loop's own.
 */
final class FloodWatch extends ChannelInboundHandlerAdapter {

    private final LongAdder flooding;

    FloodWatch(LongAdder flooding) {
        this.flooding = flooding;
    }

    /** With the first bytes, gRPC's own handlers are there; then nothing more is to be seen. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Http2ConnectionHandler http2 = context.pipeline().get(Http2ConnectionHandler.class);
        if (http2 != null) {
            http2.connection().addListener(new GoAwayListener());
            context.pipeline().remove(this);
        }
        context.fireChannelRead(message);
    }

    private final class GoAwayListener extends Http2ConnectionAdapter {
        @Override
        public void onGoAwaySent(int lastStreamId, long errorCode, ByteBuf debugData) {
            if (errorCode == Http2Error.ENHANCE_YOUR_CALM.code()) {
                flooding.increment();
            }
        }
    }
}
