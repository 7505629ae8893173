package live.mirror.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/**
 * An RTP source of numbered packets, each of seven TS packets, behind a path that loses, repeats
 * and reorders as a seed says. Sends about 5,000 packets a second to one or two ports; the second
 * may get them later than the first.
 */
final class NumberedRtpSource implements AutoCloseable {

    /** Media bytes of a packet. */
    static final int MEDIA_BYTES = 7 * NumberedPublisher.TS_PACKET_BYTES;

    private static final int HEADER_BYTES = 12;
    private static final int PACKETS_PER_PAUSE = 5;
    private static final long PAUSE_NS = 1_000_000;
    private static final int FARTHEST = 20;

    private final int ssrc;
    private final List<InetSocketAddress> to;
    private final boolean[] cut;
    private final Random random;
    private final int perMille;
    private final PriorityQueue<Delayed> delayed = new PriorityQueue<>();
    private DatagramChannel channel = open();
    private final Queue<Due> due = new ArrayDeque<>();
    private long behindNs;
    private long next;
    private long lostCount;

    /** A packet that is overtaken by those before {@code release}. */
    private record Delayed(long release, long number) implements Comparable<Delayed> {
        @Override
        public int compareTo(Delayed other) {
            return Long.compare(release, other.release);
        }
    }

    /** A packet on its way by the longer path, as a number. */
    private record Due(long atNs, long number) {}

    /**
     * A source that sends nothing yet.
     *
     * @param first the first number; its low 16 bits are the first sequence number
     * @param perMille of packets that are lost, and as many that are repeated, and reordered
     */
    NumberedRtpSource(int ssrc, long first, long seed, int perMille, int... ports) {
        this.ssrc = ssrc;
        this.perMille = perMille;
        next = first;
        random = new Random(seed);
        to =
                Arrays.stream(ports)
                        .mapToObj(port ->
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                        .toList();
        cut = new boolean[ports.length];
    }

    /** The number of the packet to come. */
    long next() {
        return next;
    }

    /** Packets that the path has lost. */
    long lostCount() {
        return lostCount;
    }

    /** Cuts a leg, or mends it. */
    void cut(int leg, boolean isCut) {
        cut[leg] = isCut;
    }

    /** The second leg's path takes so much longer from now on. */
    void secondLegComesBehindBy(Duration time) {
        behindNs = time.toNanos();
    }

    /** Waits until nothing is on its way any more. */
    void arrive() {
        while (!due.isEmpty()) {
            LockSupport.parkNanos(Math.max(1, due.element().atNs() - System.nanoTime()));
            sendDue();
        }
    }

    /** Goes on from another port. */
    void rebind() {
        close();
        channel = open();
    }

    /** Sends so many, with nothing wrong on the path for the first and the last of them. */
    void send(int count) {
        for (int i = 0; i < count; i++) {
            long number = next++;
            boolean clean = i < FARTHEST || i >= count - 2 * FARTHEST;
            int fate = clean ? 1000 : random.nextInt(1000);
            if (fate < perMille) {
                lostCount++;
            } else if (fate < 2 * perMille) {
                delayed.add(new Delayed(number + 1 + random.nextInt(FARTHEST), number));
            } else {
                put(number);
                if (fate < 3 * perMille) {
                    put(number);
                }
            }
            while (!delayed.isEmpty() && delayed.peek().release() <= number) {
                put(delayed.remove().number());
            }
            sendDue();
            if (i % PACKETS_PER_PAUSE == 0) {
                LockSupport.parkNanos(PAUSE_NS);
            }
        }
    }

    private void put(long number) {
        for (int leg = 0; leg < to.size(); leg++) {
            if (cut[leg]) {
                continue;
            }
            if (leg > 0 && behindNs > 0) {
                due.add(new Due(System.nanoTime() + behindNs, number));
            } else {
                put(number, leg);
            }
        }
    }

    private void sendDue() {
        while (!due.isEmpty() && due.element().atNs() - System.nanoTime() <= 0) {
            put(due.remove().number(), 1);
        }
    }

    private void put(long number, int leg) {
        ByteBuffer packet = ByteBuffer.allocate(HEADER_BYTES + MEDIA_BYTES);
        packet.put((byte) 0x80).put((byte) 33).putShort((short) number);
        packet.putInt((int) (number * 18)).putInt(ssrc);
        media(number, packet);
        try {
            channel.send(packet.flip(), to.get(leg));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The media of a packet. */
    static void media(long number, ByteBuffer target) {
        for (int i = 0; i < MEDIA_BYTES / NumberedPublisher.TS_PACKET_BYTES; i++) {
            NumberedPublisher.packet(number, target);
        }
    }

    private static DatagramChannel open() {
        try {
            return DatagramChannel.open()
                    .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
