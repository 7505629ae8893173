package live.mirror.receive.srt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.PortUnreachableException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Passes one caller's datagrams on to a listener and back, and loses some of them on the way, or
 * lets one overtake another.
 */
final class LossyLink implements AutoCloseable {

    /** A control packet of the user-defined type, subtype SRT_CMD_KMREQ (section 3.2.2). */
    private static final int KEY_MESSAGE = 0xffff_0003;

    private final DatagramChannel near;
    private final DatagramChannel far;
    private final Selector selector = Selector.open();
    private final double loss;
    private final Random random = new Random(1);
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong keyMessages = new AtomicLong();
    private final ByteBuffer datagram = ByteBuffer.allocateDirect(2_048);
    private final ByteBuffer late = ByteBuffer.allocateDirect(2_048).limit(0);
    private final Thread thread;
    private volatile boolean cut;
    private volatile int disorder;
    private int passed;

    LossyLink(InetSocketAddress to, double loss) throws IOException {
        this.loss = loss;
        near = open();
        near.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        far = open();
        far.connect(to);
        thread = Thread.ofPlatform().name("lossy-link").start(this::run);
    }

    InetSocketAddress address() throws IOException {
        return (InetSocketAddress) near.getLocalAddress();
    }

    /** From now on nothing arrives, in neither direction. */
    void cut() {
        cut = true;
    }

    /** From now on one of so many of the caller's datagrams comes two later than sent. */
    void disorder(int oneOf) {
        disorder = oneOf;
    }

    /** How many of the caller's announcements of a new key arrived. */
    long keyMessages() {
        return keyMessages.get();
    }

    /** How many datagrams did not arrive. */
    long lost() {
        return lost.get();
    }

    @Override
    public void close() throws Exception {
        selector.close();
        thread.join();
        near.close();
        far.close();
    }

    private DatagramChannel open() throws IOException {
        DatagramChannel channel = DatagramChannel.open();
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
        return channel;
    }

    private void run() {
        SocketAddress caller = null;
        try {
            while (selector.isOpen()) {
                selector.select(key -> {});
                for (SocketAddress from = take(near); from != null; from = take(near)) {
                    caller = from;
                    if (arrives()) {
                        countKeyMessage();
                        passOn();
                    }
                }
                while (far.read(datagram.clear()) > 0) {
                    datagram.flip();
                    if (arrives()) {
                        near.send(datagram, caller);
                    }
                }
            }
        } catch (ClosedSelectorException | ClosedChannelException | PortUnreachableException e) {
            // The test is over, or one of the two has gone.
            return;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private void passOn() throws IOException {
        passed++;
        if (disorder > 0 && passed % disorder == 0) {
            late.clear().put(datagram).flip();
            return;
        }
        far.write(datagram);
        if (late.hasRemaining() && passed % disorder == 2) {
            far.write(late);
        }
    }

    private void countKeyMessage() {
        if (datagram.getInt(0) == KEY_MESSAGE) {
            keyMessages.incrementAndGet();
        }
    }

    private SocketAddress take(DatagramChannel channel) throws IOException {
        SocketAddress from = channel.receive(datagram.clear());
        datagram.flip();
        return from;
    }

    private boolean arrives() {
        boolean arrives = !cut && random.nextDouble() >= loss;
        if (!arrives) {
            lost.incrementAndGet();
        }
        return arrives;
    }
}
