package live.mirror.delivery;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The event loops of delivery, and which connection goes to which: one loop is filled before the
 * next is used, and when all are full the emptiest gets the connection. Every loop in use is woken
 * each few milliseconds, so few connections are served by few loops.
 */
final class DeliveryLoops extends MultiThreadIoEventLoopGroup {

    /** Connections after which the next loop is used. */
    static final int FULL = 16;

    private final DeliveryCounters counters;
    private final List<Load> loads = new ArrayList<>();

    private record Load(EventLoop loop, AtomicInteger connections) {}

    DeliveryLoops(int threads, DeliveryCounters counters, IoHandlerFactory handlers) {
        super(threads, new DefaultThreadFactory("delivery", true), handlers);
        this.counters = counters;
        for (EventExecutor executor : this) {
            loads.add(new Load((EventLoop) executor, new AtomicInteger()));
        }
    }

    /** Called for each connection, by the loop that accepts. */
    @Override
    public ChannelFuture register(Channel channel) {
        if (channel instanceof ServerChannel) {
            return super.register(channel);
        }
        Load load = choose();
        load.connections().incrementAndGet();
        channel.pipeline().addFirst(new Http2Watch(counters));
        channel.closeFuture().addListener(_ -> load.connections().decrementAndGet());
        return load.loop().register(channel);
    }

    private Load choose() {
        return loads.stream()
                .filter(load -> load.connections().get() < FULL)
                .findFirst()
                .orElseGet(() ->
                        loads.stream()
                                .min(Comparator.comparingInt(load -> load.connections().get()))
                                .orElseThrow());
    }
}
