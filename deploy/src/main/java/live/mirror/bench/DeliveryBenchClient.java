package live.mirror.bench;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.client.SubscriptionHandler;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Scanner;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * The reading process: {@code grpc|tcp|stalled SUBSCRIBERS STREAMS PORT}, where those that are
 * stalled stop at their first media. Each line on standard input is answered with the figures since
 * the line before: bytes, lost bytes, delays.
 */
final class DeliveryBenchClient {

    private final InstantSource clock = InstantSource.system();
    private final DelayHistogram delays = new DelayHistogram();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder lostBytes = new LongAdder();

    /** Runs until standard input ends. */
    public static void main(String[] arguments) {
        new DeliveryBenchClient()
                .run(
                        arguments[0],
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]),
                        Integer.parseInt(arguments[3]));
    }

    private void run(String way, int subscribers, int streams, int port) {
        for (int i = 0; i < subscribers; i++) {
            String stream = "s" + i % streams;
            Thread.ofVirtual().start(() -> read(way, stream, port));
        }
        Scanner lines = new Scanner(System.in, java.nio.charset.StandardCharsets.UTF_8);
        while (lines.hasNextLine()) {
            lines.nextLine();
            System.out.printf(
                    "%d %d %.2f %.2f %.2f%n",
                    bytes.sumThenReset(),
                    lostBytes.sumThenReset(),
                    delays.percentileMs(0.5),
                    delays.percentileMs(0.99),
                    delays.percentileMs(0.999));
            delays.clear();
        }
    }

    private void read(String way, String stream, int port) {
        try {
            if (way.equals("tcp")) {
                readTcp(port);
            } else {
                subscribe(stream, port, way.equals("stalled"));
            }
        } catch (IOException e) {
            System.err.println(stream + ": " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void subscribe(String stream, int port, boolean stall)
            throws IOException, InterruptedException {
        try (MirrorSubscriber subscriber =
                MirrorSubscriber.to(stream)
                        .controlPlane("127.0.0.1:" + port)
                        .from(StartAt.LIVE)
                        .build()) {
            subscriber.run(
                    new SubscriptionHandler() {
                        @Override
                        public void onMedia(Chunk chunk) {
                            arrived(chunk.getPayload().size(), chunk.getArrivalUnixUs());
                            while (stall) {
                                LockSupport.park();
                            }
                        }

                        @Override
                        public void onDiscontinuity(Discontinuity gap) {
                            lostBytes.add(gap.getLostBytes());
                        }
                    });
        }
    }

    private void readTcp(int port) throws IOException {
        ByteBuffer head = ByteBuffer.allocateDirect(12);
        ByteBuffer body = ByteBuffer.allocateDirect(1 << 20);
        try (SocketChannel socket =
                SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))) {
            while (true) {
                fill(socket, head.clear());
                int length = head.flip().getInt();
                long sentUs = head.getLong();
                fill(socket, body.clear().limit(length));
                arrived(length, sentUs);
            }
        }
    }

    private static void fill(SocketChannel socket, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (socket.read(buffer) < 0) {
                throw new IOException("closed");
            }
        }
    }

    private void arrived(int length, long sentUs) {
        Instant now = clock.instant();
        delays.add(now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000 - sentUs);
        bytes.add(length);
    }
}
