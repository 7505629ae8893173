package live.mirror.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;

import live.mirror.control.testing.Api;
import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.Peer;
import live.mirror.control.testing.TestCertificates;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.StreamServiceGrpc;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.HttpsURLConnection;

/** Peers that begin something and do not end it, and lawful ones beside them. */
class SlowPeersTest {

    private static final Duration TIMEOUT = Duration.ofMillis(600);
    private static final int PLACES = 60;
    private static final int PLACES_PER_SOURCE = 40;

    @TempDir Path directory;
    private @Nullable ControlPlane controlPlane;
    private final List<Peer> peers = new ArrayList<>();

    /** What is begun, and what a peer sends of the rest again and again. */
    enum Half {
        NOTHING("", ""),
        FIRST_LINE("GET /api/v1/str", "e"),
        HEAD("GET /api/v1/streams HTTP/1.1\r\nHost: a\r\nX-A: ", "a"),
        BODY(Peer.head("PUT /api/v1/definitions/a", "Content-Length: 1000") + "{", " "),
        CHUNKED_BODY(
                Peer.head("PUT /api/v1/definitions/a", "Transfer-Encoding: chunked") + "1\r\n{\r\n",
                "1\r\n \r\n"),
        BODY_FOR_NOBODY(Peer.head("POST /nowhere", "Content-Length: 1000"), "a"),
        HTTP2_PREFACE("PRI * HTTP/2.0\r\n\r\nS", ""),
        /** The preface, empty SETTINGS, and a PING of which the last byte is missing. */
        HTTP2_FRAME(Peer.PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\10\6\0\0\0\0\0" + "1234567", ""),
        /** POST / with END_HEADERS (4) and without END_STREAM, then DATA of one byte. */
        HTTP2_BODY(
                Peer.PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\6\1\4\0\0\0\1" + "\203\204\206\101\1a",
                "\0\0\1\0\0\0\0\0\1a"),
        /** The same without END_HEADERS, then CONTINUATION without it. */
        HTTP2_HEADERS(
                Peer.PREFACE + "\0\0\0\4\0\0\0\0\0" + "\0\0\3\1\1\0\0\0\1" + "\202\204\206",
                "\0\0\1\11\0\0\0\0\1\217");

        private final String begin;
        private final String more;

        Half(String begin, String more) {
            this.begin = begin;
            this.more = more;
        }
    }

    private void start(Map<String, String> more) {
        Map<String, String> settings =
                new HashMap<>(
                        Map.of(
                                "server.request-timeout", TIMEOUT.toMillis() + "ms",
                                "server.max-connections", Integer.toString(PLACES),
                                "server.max-connections-per-source",
                                        Integer.toString(PLACES_PER_SOURCE)));
        settings.putAll(more);
        controlPlane = ControlPlane.start(ControlPlaneTest.settings(settings));
    }

    private ControlPlane started() {
        return Objects.requireNonNull(controlPlane);
    }

    @AfterEach
    void stop() {
        peers.forEach(Peer::close);
        started().close();
    }

    @Test
    void whatIsHalfSentIsHungUpHoweverSlowlyItGoesOn() {
        start(Map.of("server.request-timeout", "600ms"));
        long beganNs = System.nanoTime();
        Map<Half, Peer> halves = new EnumMap<>(Half.class);
        for (Half half : Half.values()) {
            halves.put(half, peer("127.0.0.1", half.begin));
        }
        while (System.nanoTime() - beganNs < 400_000_000L) {
            halves.forEach((half, peer) -> {
                peer.send(half.more);
                assertThat(peer.isHungUp()).as(half.name()).isFalse();
            });
        }
        halves.forEach((half, peer) ->
                Await.until(
                        half + " is hung up",
                        () -> {
                            peer.sendIfOpen(half.more);
                            return peer.isHungUp();
                        }));
        assertThat(System.nanoTime() - beganNs).isLessThan(3_000_000_000L);
        assertThat(metric("mirror_connections_late_total")).isEqualTo(Half.values().length);
    }

    @Test
    void manyHalfRequestsKeepNobodyFromBeingAnswered() {
        start(Map.of("server.request-timeout", "20s"));
        for (int i = 0; i < 10 * PLACES; i++) {
            peer("127.0.0.1", Half.HEAD.begin);
        }
        try (Api api = new Api(started().httpPort())) {
            api.json("GET", "/api/v1/streams", 200);
        }
        assertThat(metric("mirror_connections_displaced_total"))
                .isEqualTo(10 * PLACES - PLACES_PER_SOURCE + 1);
    }

    @Test
    void oneSourceDoesNotGetAllPlacesEvenIfItIsBeingServed() {
        start(Map.of());
        String watch = Peer.head("GET /api/v1/events?seconds=60");
        for (int i = 0; i < PLACES_PER_SOURCE; i++) {
            assertThat(peer("127.0.0.2", watch).line()).contains("200");
        }
        assertThat(peer("127.0.0.2", watch).isHungUpSoon()).isTrue();
        assertThat(metric("mirror_connections_refused_total")).isEqualTo(1);
        try (Api api = new Api(started().httpPort())) {
            api.json("GET", "/api/v1/streams", 200);
        }
    }

    @Test
    void handshakesThatNeverEndKeepNobodyFromBeingAnswered() throws Exception {
        TestCertificates certificates = new TestCertificates(directory.resolve("ours"));
        Map<String, String> settings = new HashMap<>(certificates.settings());
        settings.put("server.request-timeout", "20s");
        start(settings);
        // A TLS record of 512 bytes with the beginning of a ClientHello.
        String hello = "\26\3\1\2\0\1\0\1\374\3\3";
        for (int i = 0; i < 2 * PLACES; i++) {
            peer("127.0.0.1", hello);
        }
        HttpsURLConnection https =
                (HttpsURLConnection)
                        URI.create("https://127.0.0.1:" + started().httpPort() + "/openapi")
                                .toURL()
                                .openConnection();
        https.setSSLSocketFactory(certificates.context().getSocketFactory());
        https.setReadTimeout(5_000);
        assertThat(https.getResponseCode()).isEqualTo(HttpURLConnection.HTTP_OK);
        assertThat(metric("mirror_connections_displaced_total")).isGreaterThan(PLACES);
    }

    @Test
    void whoIsBeingServedStays() {
        start(Map.of("registry.lease", "20s", "server.idle-timeout", "5s"));
        ManagedChannel channel = channel();
        try (FakeWorker worker = new FakeWorker(started().linkPort(), "w1", 1)) {
            worker.register(10);
            Peer events =
                    peer("127.0.0.1", Peer.head("GET /api/v1/events", "Accept: text/event-stream"));
            Peer keptAlive = peer("127.0.0.1", "");
            Iterator<WatchStreamsResponse> updates =
                    StreamServiceGrpc.newBlockingStub(channel)
                            .withDeadlineAfter(20, TimeUnit.SECONDS)
                            .watchStreams(WatchStreamsRequest.getDefaultInstance());
            String request = Peer.head("GET /api/v1/streams");
            for (int i = 0; i < 4; i++) {
                // A slow one, but within its time; then nothing for longer than that.
                keptAlive.send(request.substring(0, 20));
                Await.elapsed(TIMEOUT.dividedBy(2));
                keptAlive.send(request.substring(20));
                assertThat(keptAlive.answer()).contains("200 OK");
                Await.elapsed(i == 2 ? TIMEOUT.multipliedBy(2) : Duration.ZERO);
            }
            worker.claim("cam1");
            Await.until("the gRPC watcher is told", () -> updates.next().hasStream());
            Await.until("the SSE reader is told", () -> events.line().contains("cam1"));
        } finally {
            channel.shutdownNow();
        }
        assertThat(metric("mirror_connections_late_total")).isZero();
    }

    @Test
    void whoAsksForNothingMoreIsHungUp() {
        start(Map.of("server.idle-timeout", "1s"));
        Peer peer = peer("127.0.0.1", Peer.head("GET /api/v1/streams"));
        assertThat(peer.answer()).contains("200 OK");
        ManagedChannel channel = channel();
        try {
            StreamServiceGrpc.newBlockingStub(channel)
                    .listStreams(ListStreamsRequest.getDefaultInstance());
            Await.until("one by HTTP/1.1 is hung up", peer::isHungUp);
            Await.until(
                    "one by HTTP/2 is hung up",
                    () -> channel.getState(false) == ConnectivityState.IDLE);
        } finally {
            channel.shutdownNow();
        }
        assertThat(metric("mirror_connections_late_total")).isZero();
    }

    @Test
    void requestsInOneGoAreOneRequestEach() {
        start(Map.of());
        Peer peer = peer("127.0.0.1", "");
        String request = Peer.head("GET /api/v1/streams");
        // Each piece ends one request and begins another, for longer than one may take.
        peer.send(request.substring(0, 9));
        long endNs = System.nanoTime() + TIMEOUT.multipliedBy(2).toNanos();
        while (System.nanoTime() - endNs < 0) {
            peer.send(request.substring(9) + request.substring(0, 9));
            assertThat(peer.answer()).contains("200 OK");
            Await.elapsed(Duration.ofMillis(100));
        }
    }

    private ManagedChannel channel() {
        return NettyChannelBuilder.forAddress("127.0.0.1", started().httpPort())
                .usePlaintext()
                .build();
    }

    private Peer peer(String source, String begin) {
        Peer peer = new Peer(source, started().httpPort());
        peers.add(peer);
        peer.sendIfOpen(begin);
        return peer;
    }

    private double metric(String name) {
        try (Api admin = new Api(started().adminPort())) {
            return admin.send("GET", "/metrics", "")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
                    .mapToDouble(
                            line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
