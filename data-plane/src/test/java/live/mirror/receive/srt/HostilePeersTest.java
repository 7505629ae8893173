package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.contract.StreamId;
import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.ring.RingReader;
import live.mirror.stream.Definition;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A live stream beside somebody who means harm. For two seconds, at a tenth of the rates that are
 * promised, so that it holds on a busy machine; {@code -Dmirror.hostile.seconds=30
 * -Dmirror.hostile.percent=100} is the whole of it, for a quiet one.
 */
class HostilePeersTest {

    private static final Duration LENGTH =
            Duration.ofSeconds(Long.getLong("mirror.hostile.seconds", 2));
    private static final long PERCENT = Long.getLong("mirror.hostile.percent", 10);
    private static final long MAX_GROWTH_KB = 64 << 10;

    /** What the peer does, and how often a second. */
    enum Attack {
        INDUCTIONS(20_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                peer.sendInduction();
            }
        },
        HANDSHAKES_WITHOUT_CREDENTIAL(1_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                peer.sendConclusion("no credential", peer.cookie(), false);
            }
        },
        WRONG_PASSPHRASES(1_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                peer.sendConclusion("cam" + random.nextInt(1_000), peer.cookie(), true);
            }
        },
        MUTATED_DATAGRAMS(10_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                byte[] bytes = peer.last();
                for (int i = 0; i < 4; i++) {
                    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                }
                peer.sendBytes(bytes, Math.max(1, bytes.length - random.nextInt(4)));
                peer.sendConclusion("healthy", peer.cookie(), random.nextBoolean());
            }
        },
        /** From an accepted publisher. */
        CONTROL_SWEEP(5_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                int[] content = new int[1 + random.nextInt(8)];
                for (int i = 0; i < content.length; i++) {
                    content[i] = random.nextInt();
                }
                int type = random.nextInt(10);
                // All but the shutdown, after which it would be gone.
                peer.sendControl(
                        type == 5 ? 0x7fff : type, random.nextInt(8), random.nextInt(), content);
            }
        },
        /** The one that stops Debian's libsrt for good. */
        RANDOM_DROP_REQUESTS(5_000) {
            @Override
            void strike(RawSrtPeer peer, Random random) throws IOException {
                peer.sendControl(
                        7,
                        0,
                        random.nextInt(),
                        random.nextInt() & 0x7fff_ffff,
                        random.nextInt() & 0x7fff_ffff);
            }
        };

        private final int perSecond;

        Attack(int perSecond) {
            this.perSecond = perSecond;
        }

        abstract void strike(RawSrtPeer peer, Random random) throws IOException;
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void aLiveStreamLosesNothingBesideIt(Attack attack) throws Exception {
        boolean encrypted = attack == Attack.WRONG_PASSPHRASES;
        Map<String, String> settings =
                encrypted ? Map.of("srt.passphrase", "correct horse") : Map.of();
        try (ReceiverFixture fixture = new ReceiverFixture(settings)) {
            if (!encrypted) {
                // Where anybody may publish anything there is nobody to be kept out.
                fixture.definitions.replace(
                        true,
                        List.of(
                                Definition.of(new StreamId("healthy")),
                                Definition.of(new StreamId("hostile"))));
            }
            SrtCaller.Options options = new SrtCaller.Options("healthy");
            try (SrtCaller healthy =
                            fixture.call(
                                    encrypted ? options.encrypted("correct horse", 16) : options);
                    RawSrtPeer hostile = new RawSrtPeer(fixture.receiver.address())) {
                RingReader reader = fixture.awaitStream("healthy").ring().reader(() -> {});
                assertThat(hostile.connect("hostile")).isEqualTo(!encrypted);
                AtomicBoolean over = new AtomicBoolean();
                AtomicLong sent = new AtomicLong();
                Thread publisher = Thread.ofPlatform().start(() -> publish(healthy, over, sent));
                touchHeap();
                long before = residentKb();

                flood(attack, hostile);

                over.set(true);
                publisher.join();
                assertThat(residentKb() - before).as("growth in KiB").isLessThan(MAX_GROWTH_KB);
                long bytes = sent.get() * ReceiverFixture.MESSAGE_BYTES;
                assertThat(ReceiverFixture.count(reader, bytes))
                        .as("bytes of the live stream")
                        .isEqualTo(bytes);
                assertThat(fixture.receiver.problem()).isEmpty();
            }
        }
    }

    private static void flood(Attack attack, RawSrtPeer peer) throws IOException {
        Random random = new Random(attack.perSecond);
        long beganNs = System.nanoTime();
        for (long strikes = 0; System.nanoTime() - beganNs < LENGTH.toNanos(); strikes++) {
            long dueNs = beganNs + strikes * 100_000_000_000L / (attack.perSecond * PERCENT);
            long waitNs = dueNs - System.nanoTime();
            if (waitNs > 100_000) {
                LockSupport.parkNanos(waitNs);
            }
            attack.strike(peer, random);
        }
    }

    /** About 5 Mb/s. */
    private static void publish(SrtCaller caller, AtomicBoolean over, AtomicLong sent) {
        byte[] message = new byte[ReceiverFixture.MESSAGE_BYTES];
        while (!over.get()) {
            caller.send(message);
            sent.incrementAndGet();
            LockSupport.parkNanos(2_000_000);
        }
    }

    /** Has the heap's pages in memory, so that the test's own garbage is no growth. */
    private static void touchHeap() {
        long touched = 0;
        while (touched < Runtime.getRuntime().totalMemory()) {
            touched += new byte[1 << 20].length;
        }
    }

    private static long residentKb() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmRSS"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
