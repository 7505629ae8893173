package live.mirror.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameTypes;

/**
 * Counts what gRPC refuses below its calls, where only HTTP/2's own frames tell of it: a connection
 * that is ended because its client sends pings or resets more often than it may (GOAWAY, RFC 9113,
 * 6.8), and a call beyond those that one connection may have (RST_STREAM, 6.4). One for each
 * connection; its event loop's own.
 */
final class Http2Watch extends ChannelInboundHandlerAdapter {

    private final DeliveryCounters counters;

    Http2Watch(DeliveryCounters counters) {
        this.counters = counters;
    }

    /** With the first bytes, gRPC's own handlers are there; then nothing more is to be seen. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ChannelHandlerContext http2 = context.pipeline().context(Http2ConnectionHandler.class);
        if (http2 != null) {
            ((Http2ConnectionHandler) http2.handler())
                    .connection()
                    .addListener(new GoAwayListener());
            context.pipeline().addBefore(http2.name(), null, new ResetWatch());
            context.pipeline().remove(this);
        }
        context.fireChannelRead(message);
    }

    private final class GoAwayListener extends Http2ConnectionAdapter {
        @Override
        public void onGoAwaySent(int lastStreamId, long errorCode, ByteBuf debugData) {
            if (errorCode == Http2Error.ENHANCE_YOUR_CALM.code()) {
                counters.flooding.increment();
            }
        }
    }

    /** Between HTTP/2 and what encrypts; each frame but media comes here alone. */
    private final class ResetWatch extends ChannelOutboundHandlerAdapter {

        /** Length, type, flags, stream (RFC 9113, 4.1), then the error code. */
        private static final int ERROR_OFFSET = 9;

        private static final int RESET_BYTES = ERROR_OFFSET + 4;

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            if (message instanceof ByteBuf frame
                    && frame.readableBytes() == RESET_BYTES
                    && frame.getByte(frame.readerIndex() + 3) == Http2FrameTypes.RST_STREAM
                    && frame.getInt(frame.readerIndex() + ERROR_OFFSET)
                            == Http2Error.REFUSED_STREAM.code()) {
                counters.refusedByConnection.increment();
            }
            ChannelFuture _ = context.write(message, promise);
        }
    }
}
