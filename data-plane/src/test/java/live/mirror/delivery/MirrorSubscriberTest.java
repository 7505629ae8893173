package live.mirror.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.client.MirrorSubscriber;
import live.mirror.client.StartAt;
import live.mirror.client.SubscriptionHandler;
import live.mirror.stream.Ingest;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.DiscontinuityCause;
import live.mirror.v1.Ended;
import live.mirror.v1.Reason;
import live.mirror.v1.StartResume;
import live.mirror.v1.Started;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The client library against real delivery servers and a control plane that says what it is told.
 */
@Timeout(90)
class MirrorSubscriberTest {

    private final FakeControlPlane controlPlane = new FakeControlPlane();
    private final DeliveryFixture worker = new DeliveryFixture();
    private final List<AutoCloseable> opened = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable one : opened) {
            one.close();
        }
        worker.close();
        controlPlane.close();
    }

    @Test
    void mediaComeUntilTheStreamIsOver() throws Exception {
        Ingest ingest = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        Subscriber subscriber = subscriber();
        subscriber.awaitStarted(1);
        worker.send(ingest, 1000, 0);
        worker.send(ingest, 1000, 1);
        worker.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(subscriber.ended.get(20, TimeUnit.SECONDS).getReason())
                .isEqualTo(Reason.REASON_STOPPED_BY_OPERATOR);
        assertThat(subscriber.ledger()).isEqualTo("0 1");
    }

    @Test
    void aBrokenConnectionIsResumedWithoutALostOrDoubledByte() throws Exception {
        Ingest ingest = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        try (BreakableProxy proxy = new BreakableProxy(worker.port())) {
            controlPlane.locate("cam1", proxy.address(), 1);
            Subscriber subscriber = subscriber();
            subscriber.awaitStarted(1);
            for (int round = 1; round <= 5; round++) {
                for (int i = 0; i < 20; i++) {
                    worker.send(ingest, 1000, (round - 1) * 20 + i);
                }
                proxy.breakConnections();
                subscriber.awaitStarted(round + 1);
            }
            worker.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
            subscriber.ended.get(20, TimeUnit.SECONDS);
            assertThat(subscriber.packets()).isEqualTo(100);
            assertThat(subscriber.discontinuities).isEmpty();
        }
    }

    @Test
    void aPackagerThatWasKilledGoesOnWhereItKeptItsPlace() throws Exception {
        Ingest ingest = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        for (int i = 0; i < 3; i++) {
            worker.send(ingest, 1000, i);
        }
        AtomicReference<StartResume> kept = new AtomicReference<>();
        try (MirrorSubscriber killed = builder().maxChunkBytes(1_500).build()) {
            killed.run(chunk -> {
                kept.set(MirrorSubscriber.behind(chunk));
                killed.close();
            });
        }
        Subscriber next = new Subscriber(builder().resume(kept.get()));
        opened.add(next);
        next.awaitStarted(1);
        worker.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
        next.ended.get(20, TimeUnit.SECONDS);
        assertThat(next.ledger()).isEqualTo("1 2");
    }

    @Test
    void aStreamThatCameBackAtAnotherWorkerIsFollowed() throws Exception {
        Ingest first = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        Subscriber subscriber = subscriber();
        subscriber.awaitStarted(1);
        worker.send(first, 1000, 0);
        worker.finish(first, Reason.REASON_PUBLISHER_LOST);

        DeliveryFixture other = new DeliveryFixture();
        opened.add(other);
        Ingest second = other.publish("cam1", 2);
        controlPlane.locate("cam1", other.address(), 2);
        subscriber.awaitStarted(2);
        other.send(second, 1000, 5);
        other.finish(second, Reason.REASON_STOPPED_BY_OPERATOR);
        subscriber.ended.get(20, TimeUnit.SECONDS);
        assertThat(subscriber.ledger()).isEqualTo("0 NOT_RESUMABLE 5");
    }

    @Test
    void aStreamThatMovedIsFollowedAtOnceAndFromItsFirstByteThere() throws Exception {
        Ingest first = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        Subscriber subscriber = subscriber();
        subscriber.awaitStarted(1);
        worker.send(first, 1000, 0);
        try (DeliveryFixture other = new DeliveryFixture()) {
            Ingest second = other.publish("cam1", 2);
            for (int i = 5; i < 8; i++) {
                other.send(second, 1000, i);
            }
            // The control plane does not know yet: the old worker's word is enough.
            worker.move("cam1", 1, other.address());
            worker.finish(first, Reason.REASON_MOVED);
            subscriber.awaitStarted(2);
            other.finish(second, Reason.REASON_STOPPED_BY_OPERATOR);
            subscriber.ended.get(20, TimeUnit.SECONDS);
        }
        assertThat(subscriber.ledger()).isEqualTo("0 NOT_RESUMABLE 5 7");
    }

    @Test
    void aWorkersDeathIsSurvived() throws Exception {
        worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        Subscriber subscriber = subscriber();
        subscriber.awaitStarted(1);
        worker.close();
        controlPlane.locate("cam1", "", 1);
        try (DeliveryFixture other = new DeliveryFixture()) {
            Ingest second = other.publish("cam1", 2);
            controlPlane.locate("cam1", other.address(), 2);
            subscriber.awaitStarted(2);
            other.finish(second, Reason.REASON_STOPPED_BY_OPERATOR);
            subscriber.ended.get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aWorkerOnTheSameMachineIsReachedByItsUnixSocketAndOthersAsLocated() throws Exception {
        Ingest here = worker.publish("cam1", 1);
        // Nobody listens there: only the socket leads to the worker.
        controlPlane.locate("cam1", "127.0.0.1:1", 1);
        Subscriber subscriber = new Subscriber(builder().unixSocket(worker.socket()));
        opened.add(subscriber);
        subscriber.awaitStarted(1);
        worker.send(here, 60_000, 0);
        try (DeliveryFixture other = new DeliveryFixture()) {
            Ingest there = other.publish("cam1", 2);
            worker.move("cam1", 1, other.address());
            worker.finish(here, Reason.REASON_MOVED);
            subscriber.awaitStarted(2);
            other.send(there, 1000, 5);
            other.finish(there, Reason.REASON_STOPPED_BY_OPERATOR);
            subscriber.ended.get(20, TimeUnit.SECONDS);
        }
        assertThat(subscriber.ledger()).isEqualTo("0 NOT_RESUMABLE 5");
    }

    @Test
    void theSocketIsForUserAndGroupAndGoesWithTheServer() throws Exception {
        assertThat(Files.getPosixFilePermissions(worker.socket()))
                .isEqualTo(PosixFilePermissions.fromString("rw-rw----"));
        worker.close();
        assertThat(worker.socket()).doesNotExist();
    }

    @Test
    void theLastAddressDoesWhileTheControlPlaneIsAway() throws Exception {
        Ingest ingest = worker.publish("cam1", 1);
        try (BreakableProxy proxy = new BreakableProxy(worker.port())) {
            controlPlane.locate("cam1", proxy.address(), 1);
            Subscriber subscriber = subscriber();
            subscriber.awaitStarted(1);
            controlPlane.close();
            proxy.breakConnections();
            subscriber.awaitStarted(2);
            worker.send(ingest, 1000, 0);
            worker.finish(ingest, Reason.REASON_STOPPED_BY_OPERATOR);
            subscriber.ended.get(20, TimeUnit.SECONDS);
            assertThat(subscriber.ledger()).isEqualTo("0");
        }
    }

    @Test
    void aStreamThatIsNotThereYetIsWaitedForIfAsked() throws Exception {
        Subscriber impatient = subscriber();
        assertThat(impatient.ended.get(20, TimeUnit.SECONDS).getReason())
                .isEqualTo(Reason.REASON_NOT_FOUND);

        Subscriber patient = new Subscriber(builder().waitForStream(true));
        opened.add(patient);
        patient.awaitInterrupted();
        worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        patient.awaitStarted(1);
        patient.close();
        assertThat(patient.ended.get(20, TimeUnit.SECONDS)).isEqualTo(Ended.getDefaultInstance());
    }

    @Test
    void aHandlersExceptionComesOutOfRun() throws Exception {
        Ingest ingest = worker.publish("cam1", 1);
        controlPlane.locate("cam1", worker.address(), 1);
        worker.send(ingest, 1000, 0);
        try (MirrorSubscriber subscriber = builder().build()) {
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            subscriber.run(chunk -> {
                                throw new java.io.IOException("disk full");
                            });
                        } catch (java.io.IOException | InterruptedException e) {
                            thrown.complete(e);
                        }
                    });
            assertThat(thrown.get(20, TimeUnit.SECONDS)).hasMessage("disk full");
        }
    }

    private Subscriber subscriber() {
        Subscriber subscriber = new Subscriber(builder());
        opened.add(subscriber);
        return subscriber;
    }

    private MirrorSubscriber.Builder builder() {
        return MirrorSubscriber.to("cam1")
                .controlPlane(controlPlane.address())
                .from(StartAt.OLDEST);
    }

    /** Runs a subscriber on a thread of its own and writes down what comes. */
    private static final class Subscriber implements SubscriptionHandler, AutoCloseable {

        private final MirrorSubscriber subscriber;
        private final CompletableFuture<Ended> ended = new CompletableFuture<>();
        private final LinkedBlockingQueue<Integer> starts = new LinkedBlockingQueue<>();
        private final LinkedBlockingQueue<String> interruptions = new LinkedBlockingQueue<>();
        private final List<String> ledger = new ArrayList<>();
        private final List<DiscontinuityCause> discontinuities = new ArrayList<>();
        private long packets;
        private int startCount;

        Subscriber(MirrorSubscriber.Builder builder) {
            subscriber = builder.build();
            Thread.ofVirtual()
                    .start(() -> {
                        try {
                            ended.complete(subscriber.run(this));
                        } catch (Exception e) {
                            ended.completeExceptionally(e);
                        }
                    });
        }

        @Override
        public void onMedia(Chunk chunk) {
            ledger.add(Integer.toString(DeliveryFixture.firstNumber(chunk)));
            if (chunk.getPacketCount() > 1) {
                ledger.add(
                        Integer.toString(
                                DeliveryFixture.firstNumber(chunk) + chunk.getPacketCount() - 1));
            }
            packets += chunk.getPacketCount();
        }

        @Override
        public void onDiscontinuity(Discontinuity gap) {
            ledger.add(gap.getCause().name().substring("DISCONTINUITY_CAUSE_".length()));
            discontinuities.add(gap.getCause());
        }

        @Override
        public void onStarted(Started started) {
            starts.add(++startCount);
        }

        @Override
        public void onInterrupted(Reason reason, String why) {
            interruptions.add(why);
        }

        void awaitStarted(int times) throws InterruptedException {
            Integer count = 0;
            while (count != null && count < times) {
                count = starts.poll(20, TimeUnit.SECONDS);
            }
            assertThat(count).isEqualTo(times);
        }

        void awaitInterrupted() throws InterruptedException {
            assertThat(interruptions.poll(20, TimeUnit.SECONDS)).isNotNull();
        }

        String ledger() {
            return String.join(" ", ledger);
        }

        long packets() {
            return packets;
        }

        @Override
        public void close() {
            subscriber.close();
        }
    }
}
