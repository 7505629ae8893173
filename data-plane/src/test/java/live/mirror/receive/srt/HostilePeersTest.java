package live.mirror.receive.srt;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.receive.srt.libsrt.SrtCaller;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A live stream beside somebody who means harm; the receiver is a process of its own. For two
 * seconds, at a tenth of the rates that are promised, so that it holds on a busy machine; {@code
 * deploy/bench hostile} runs the whole of it: {@code -Dmirror.hostile.seconds=30
 * -Dmirror.hostile.percent=100}.
 */
class HostilePeersTest {

    private static final Duration LENGTH =
            Duration.ofSeconds(Long.getLong("mirror.hostile.seconds", 2));
    private static final long PERCENT = Long.getLong("mirror.hostile.percent", 10);
    private static final long MAX_GROWTH_KB = 64 << 10;

    /** What starts and ends with the receiver and its healthy stream. */
    private static final long LINES_OF_ANY_RUN = 10;

    private static LibSrt library;

    @BeforeAll
    static void openLibrary() {
        library = LibSrt.open("");
    }

    @AfterAll
    static void closeLibrary() {
        library.close();
    }

    @ParameterizedTest
    @EnumSource(Attack.class)
    void aLiveStreamLosesNothingBesideIt(Attack attack, @TempDir Path directory) throws Exception {
        boolean encrypted = attack == Attack.WRONG_PASSPHRASES;
        try (ReceiverProcess receiver =
                        ReceiverProcess.start(
                                directory,
                                // Where anybody may publish there is nobody to be kept out.
                                encrypted
                                        ? "srt.passphrase=correct horse"
                                        : "defined=healthy,hostile");
                RawSrtPeer hostile = new RawSrtPeer(receiver.address())) {
            SrtCaller.Options options = new SrtCaller.Options("healthy");
            AtomicBoolean over = new AtomicBoolean();
            AtomicLong sent = new AtomicLong();
            try (SrtCaller healthy =
                    SrtCaller.connect(
                            receiver.address(),
                            encrypted ? options.encrypted("correct horse", 16) : options)) {
                assertThat(hostile.connect("hostile")).isEqualTo(!encrypted);
                Thread publisher = Thread.ofPlatform().start(() -> publish(healthy, over, sent));
                Waiting.until("the stream runs", () -> sent.get() > 200);
                long before = receiver.residentKb();

                long strikes = attack.run(hostile, LENGTH, PERCENT);

                long growth = receiver.residentKb() - before;
                over.set(true);
                publisher.join();
                healthy.awaitSent();
                String told = receiver.stop();
                System.out.println(
                        attack + ": " + strikes + " strikes, grown by " + growth + " KiB, " + told);
                assertThat(told).contains("msgs=" + sent.get() + " gaps=0 ");
                assertThat(receiver.logLines())
                        .as("lines of log")
                        .isLessThan(LINES_OF_ANY_RUN + LENGTH.toSeconds());
                assertThat(growth).as("growth in KiB").isLessThan(MAX_GROWTH_KB);
            }
        }
    }

    /** About 5 Mb/s in srtgen's messages, whose numbers the receiver follows. */
    private static void publish(SrtCaller caller, AtomicBoolean over, AtomicLong sent) {
        ByteBuffer message =
                ByteBuffer.allocate(ReceiverFixture.MESSAGE_BYTES)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putInt(4, SrtBench.MAGIC);
        while (!over.get()) {
            caller.send(message.putLong(12, sent.get()).putLong(20, System.nanoTime()).array());
            sent.incrementAndGet();
            LockSupport.parkNanos(2_000_000);
        }
    }
}
