package live.mirror.control;

import static live.mirror.control.testing.FakeWorker.active;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.grpc.StatusRuntimeException;

import live.mirror.control.testing.Await;
import live.mirror.control.testing.FakeWorker;
import live.mirror.control.testing.GrpcWatch;
import live.mirror.control.testing.Seen;
import live.mirror.control.testing.SseWatch;
import live.mirror.control.testing.TestRedis;
import live.mirror.v1.Reason;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStats;
import live.mirror.v1.StreamStatus;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Watching streams by gRPC and by server-sent events, at either of two replicas. */
class WatchTest {

    private static final int STREAMS = 40;

    /** What makes changes large enough to fill the system's buffers. */
    private static final String LONG = "x".repeat(100_000);

    private TestRedis redis;
    private ControlPlane a;
    private ControlPlane b;
    private FakeWorker worker;

    @BeforeEach
    void start() {
        redis = TestRedis.inMemory();
        a = replica();
        b = replica();
        worker = new FakeWorker(a.linkPort(), "w1", 1);
        worker.register(1_000);
    }

    private ControlPlane replica() {
        return ControlPlane.start(
                ControlPlaneTest.settings(
                        Map.of(
                                "registry.redis.uri",
                                redis.uri(),
                                "registry.lease",
                                "20s",
                                "server.request-timeout",
                                "1s",
                                "admission.max-streams",
                                "1000")));
    }

    @AfterEach
    void stop() {
        worker.close();
        a.close();
        b.close();
        redis.close();
    }

    @Test
    void everyChangeIsToldOnceAndInOrderByEitherReplicaAndBothProtocols() {
        worker.claim("before");
        try (GrpcWatch watch = new GrpcWatch(a.httpPort(), "");
                SseWatch events = new SseWatch(b.httpPort(), "")) {
            // The whole first, which ends with what to come back with.
            assertThat(watch.whole()).containsExactly("before");
            assertThat(events.whole()).containsExactly("before");
            for (int i = 0; i < STREAMS; i++) {
                life("cam" + i);
            }
            List<Seen> seen = watch.changes(STREAMS * 5);
            assertThat(events.changes(STREAMS * 5)).isEqualTo(seen);
            for (int i = 0; i < STREAMS; i++) {
                String stream = "cam" + i;
                assertThat(seen.stream().filter(each -> each.stream().equals(stream)))
                        .extracting(Seen::status)
                        .containsExactly(
                                "CONNECTING", "ACTIVE", "RECONNECTING", "CONNECTING", "STOPPED");
            }
            Seen middle = seen.get(seen.size() / 2);
            List<Seen> rest = seen.subList(seen.size() / 2 + 1, seen.size());
            try (GrpcWatch again = new GrpcWatch(b.httpPort(), middle.id());
                    SseWatch eventsAgain = new SseWatch(a.httpPort(), middle.id())) {
                life("more");
                List<Seen> more = watch.changes(5);
                for (List<Seen> others :
                        List.of(
                                again.changes(rest.size() + 5),
                                eventsAgain.changes(rest.size() + 5))) {
                    assertThat(others.subList(0, rest.size())).isEqualTo(rest);
                    assertThat(others.subList(rest.size(), others.size())).isEqualTo(more);
                }
            }
        }
    }

    @Test
    void whoComesBackWithAnEventThatIsNotKeptIsToldTheWhole() {
        worker.claim("cam1");
        try (GrpcWatch watch = new GrpcWatch(a.httpPort(), "1-1")) {
            assertThat(watch.whole()).containsExactly("cam1");
        }
        try (GrpcWatch watch = new GrpcWatch(a.httpPort(), "nonsense")) {
            assertThatExceptionOfType(StatusRuntimeException.class).isThrownBy(watch::whole);
        }
    }

    @Test
    void aRegistryThatLostItsDataIsToldAsTheWholeAnew() {
        worker.claim("cam1");
        try (GrpcWatch watch = new GrpcWatch(a.httpPort(), "")) {
            assertThat(watch.whole()).containsExactly("cam1");
            redis.kill();
            redis.start();
            Await.until("the worker is back", this::isRegistered);
            Await.until("new streams are taken", () -> worker.admits("cam2", 0));
            assertThat(watch.untilReset()).isTrue();
        }
    }

    private boolean isRegistered() {
        try {
            return worker.register(1_000).getWorkerEpoch() > 0;
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    @Test
    void anAlarmIsToldToWhoWatches() {
        worker.claim(worker.request("cam1").setExpectedKbps(1_000));
        long epoch =
                worker.claim(worker.request("cam2").setExpectedKbps(1_000))
                        .getAdmitted()
                        .getEpoch();
        worker.report(active("cam2", epoch, 1));
        try (GrpcWatch watch = new GrpcWatch(b.httpPort(), "")) {
            watch.whole();
            worker.report(
                    ReportRequest.newBuilder()
                            .addStreams(
                                    StreamReport.newBuilder()
                                            .setStreamId("cam2")
                                            .setEpoch(epoch)
                                            .setStatus(StreamStatus.STREAM_STATUS_ACTIVE)
                                            .setStats(
                                                    StreamStats.newBuilder()
                                                            .setBitrateBps(5_000_000))));
            assertThat(watch.alarm())
                    .satisfies(alarm -> {
                        assertThat(alarm.getAlarm().getId()).isEqualTo("cam2");
                        assertThat(alarm.getAlarm().getReason()).isEqualTo(Reason.REASON_CAPACITY);
                        assertThat(alarm.getAlarm().getDetail()).contains("5000 kb/s");
                    });
        }
    }

    @Test
    void whoTakesNothingIsHungUpAndNobodyElseWaits() throws Exception {
        try (Socket stalled = new Socket();
                GrpcWatch watch = new GrpcWatch(a.httpPort(), "")) {
            stalled.setReceiveBufferSize(4_096);
            stalled.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), a.httpPort()));
            stalled.getOutputStream()
                    .write(
                            "GET /api/v1/events?seconds=3600 HTTP/1.1\r\nHost: a\r\n\r\n"
                                    .getBytes(StandardCharsets.US_ASCII));
            watch.whole();
            long began = System.nanoTime();
            int lives = 0;
            // Far more than all buffers between the two take, for as long as it may stay.
            while (System.nanoTime() - began < TimeUnit.SECONDS.toNanos(3)) {
                life("cam" + lives++, LONG);
                assertThat(watch.changes(5)).hasSize(5);
            }
            assertThat(endsSoon(stalled)).isTrue();
        }
    }

    /** Reads what was under way until the other end is seen to have hung up. */
    private static boolean endsSoon(Socket socket) throws IOException {
        socket.setSoTimeout(900);
        byte[] chunk = new byte[65_536];
        try {
            for (int i = 0; i < 10_000; i++) {
                if (socket.getInputStream().read(chunk) < 0) {
                    return true;
                }
            }
            return false;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            // Reset, since we left something unread.
            return true;
        }
    }

    private void life(String stream) {
        life(stream, "SRT 1.5.1");
    }

    /** CONNECTING, ACTIVE, RECONNECTING, CONNECTING, STOPPED. */
    private void life(String stream, String publisher) {
        long first = worker.claim(stream).getAdmitted().getEpoch();
        worker.report(
                active(stream, first, 1).toBuilder()
                        .setMetadata(StreamMetadata.newBuilder().setPublisher(publisher))
                        .build());
        worker.release(stream, first, Reason.REASON_PUBLISHER_LOST);
        long second = worker.claim(stream).getAdmitted().getEpoch();
        worker.release(stream, second, Reason.REASON_STOPPED_BY_OPERATOR);
    }
}
