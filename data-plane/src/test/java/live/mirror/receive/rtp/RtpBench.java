package live.mirror.receive.rtp;

import com.sun.management.ThreadMXBean;

import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that {@code deploy/bench rtp} measures: {@code tick} is the receiver as the worker has
 * it, without a control plane; {@code blocking} is a blocking DatagramChannel on a virtual thread.
 * Prints READY with its port, and then four times a second what it has received.
 */
final class RtpBench {

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final AtomicLong RECEIVED = new AtomicLong();

    private RtpBench() {}

    /** Runs until it is killed. */
    public static void main(String[] args) throws Exception {
        switch (args[0]) {
            case "tick" -> tick();
            case "blocking" -> blocking();
            default -> throw new IllegalArgumentException(args[0]);
        }
    }

    private static void tick() {
        RtpReceiver receiver = new StartedReceiver(Map.of()).receiver();
        System.out.println("READY port=" + receiver.address().getPort());
        while (true) {
            pause();
            long delivered = 0;
            long lost = 0;
            for (RtpFigures figures : receiver.figures()) {
                delivered += figures.deliveredCount();
                lost += figures.lostCount();
            }
            long drops =
                    receiver.sockets().stream().mapToLong(socket -> socket.droppedCount()).sum();
            print(delivered, lost, drops);
        }
    }

    private static void blocking() throws Exception {
        DatagramChannel channel = DatagramChannel.open();
        channel.setOption(java.net.StandardSocketOptions.SO_RCVBUF, 32 << 20);
        channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofVirtual().start(() -> receiveBlocking(channel));
        System.out.println(
                "READY port=" + ((InetSocketAddress) channel.getLocalAddress()).getPort());
        while (true) {
            pause();
            print(RECEIVED.get(), 0, 0);
        }
    }

    private static void receiveBlocking(DatagramChannel channel) {
        ByteBuffer ring = ByteBuffer.allocateDirect(StartedReceiver.RING_BYTES);
        try {
            while (true) {
                if (ring.remaining() < 2048) {
                    ring.clear();
                }
                channel.receive(ring);
                RECEIVED.lazySet(RECEIVED.getPlain() + 1);
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void pause() {
        LockSupport.parkNanos(250_000_000);
    }

    private static void print(long packets, long lost, long drops) {
        System.out.println(
                "STAT "
                        + System.nanoTime()
                        + " msgs="
                        + packets
                        + " lost="
                        + lost
                        + " drops="
                        + drops
                        + " alloc="
                        + THREADS.getTotalThreadAllocatedBytes());
    }
}
