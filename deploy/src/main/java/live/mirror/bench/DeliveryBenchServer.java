package live.mirror.bench;

import io.grpc.BindableService;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;

import live.mirror.contract.StreamId;
import live.mirror.delivery.DeliveryServer;
import live.mirror.delivery.DeliverySettings;
import live.mirror.ring.RingWriter;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.Decision;
import live.mirror.stream.Ingest;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.stream.RingSizing;
import live.mirror.v1.LocateStreamRequest;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Protocol;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.StreamStatus;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * The serving process: so many streams of so many megabits per second, written each 5 ms by one
 * thread as a drained SRT socket would, and sent either by delivery or by plain writes to TCP
 * sockets. {@code grpc|tcp STREAMS MBPS}; prints the port to connect to.
 */
final class DeliveryBenchServer {

    static final int DATAGRAM_BYTES = 1316;
    private static final Duration TICK = Duration.ofMillis(5);

    private final List<RingWriter> writers = new ArrayList<>();
    private final List<SocketChannel> sockets = new CopyOnWriteArrayList<>();
    private final InstantSource clock = InstantSource.system();
    private final ByteBuffer tcp = ByteBuffer.allocateDirect(1 << 20);
    private final byte[] datagram = new byte[DATAGRAM_BYTES];

    /** Runs until it is killed. */
    public static void main(String[] arguments) throws Exception {
        new DeliveryBenchServer()
                .run(
                        arguments[0].equals("grpc"),
                        Integer.parseInt(arguments[1]),
                        Integer.parseInt(arguments[2]));
    }

    private void run(boolean grpc, int streamCount, int mbps) throws Exception {
        LiveStreams streams = new LiveStreams(RingSizing.read(new SettingsReader(Map.of())), clock);
        for (int i = 0; i < streamCount; i++) {
            Ingest ingest =
                    streams.begin(
                            new Offer(
                                    new StreamId("s" + i),
                                    Protocol.PROTOCOL_SRT,
                                    "127.0.0.1:1",
                                    mbps * 1_000L,
                                    ""),
                            new Decision.Admitted(1, mbps * 1_000L, Duration.ofMinutes(1)),
                            _ -> {});
            writers.add(ingest.ring());
        }
        System.out.println("port " + (grpc ? serveGrpc(streams) : serveTcp()));
        write(mbps);
    }

    private static int serveGrpc(LiveStreams streams) throws IOException {
        DeliveryServer delivery =
                new DeliveryServer(
                        DeliverySettings.read(
                                new SettingsReader(Map.of("delivery.address", "127.0.0.1:0"))),
                        "bench",
                        streams);
        delivery.start();
        BindableService locations =
                new StreamServiceGrpc.StreamServiceImplBase() {
                    @Override
                    public void locateStream(
                            LocateStreamRequest request,
                            StreamObserver<LocateStreamResponse> answer) {
                        answer.onNext(
                                LocateStreamResponse.newBuilder()
                                        .setDeliveryAddress("127.0.0.1:" + delivery.port())
                                        .setEpoch(1)
                                        .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                        .build());
                        answer.onCompleted();
                    }
                };
        Server control =
                NettyServerBuilder.forAddress(
                                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                                InsecureServerCredentials.create())
                        .addService(locations)
                        .build()
                        .start();
        return control.getPort();
    }

    private int serveTcp() throws IOException {
        ServerSocketChannel listener = ServerSocketChannel.open();
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 200);
        Thread.ofVirtual()
                .start(() -> {
                    try {
                        while (true) {
                            SocketChannel socket = listener.accept();
                            socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
                            socket.configureBlocking(false);
                            sockets.add(socket);
                        }
                    } catch (IOException e) {
                        System.err.println("accept: " + e);
                    }
                });
        return ((InetSocketAddress) listener.getLocalAddress()).getPort();
    }

    /** Stream i goes to TCP connection i, as stream i goes to subscriber i. */
    private void write(int mbps) throws IOException {
        long startNs = System.nanoTime();
        long sentBytes = 0;
        long epoch = 1;
        while (true) {
            long nowNs = System.nanoTime();
            long dueBytes = (nowNs - startNs) / 8_000 * mbps;
            Instant now = clock.instant();
            long nowUs = now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
            int count = (int) Math.min(500, (dueBytes - sentBytes) / DATAGRAM_BYTES);
            for (RingWriter writer : writers) {
                for (int k = 0; k < count; k++) {
                    writer.write(datagram, 0, DATAGRAM_BYTES, epoch, nowUs, 0);
                }
                writer.publish();
            }
            sentBytes += (long) count * DATAGRAM_BYTES;
            for (SocketChannel socket : sockets) {
                sendTcp(socket, count * DATAGRAM_BYTES, nowUs);
            }
            LockSupport.parkNanos(TICK.toNanos() - (System.nanoTime() - nowNs));
        }
    }

    /**
     * Length and time, then as many bytes; the reader keeps up, or the comparison means nothing.
     */
    private void sendTcp(SocketChannel socket, int bytes, long nowUs) throws IOException {
        tcp.clear();
        tcp.putInt(bytes).putLong(nowUs).position(12 + bytes).flip();
        while (tcp.hasRemaining()) {
            socket.write(tcp);
        }
    }
}
