package live.mirror.ring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import live.mirror.ring.RingReader.Result;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

class RingTest {

    private static final long EPOCH = 7;

    private final Ring ring = new Ring(4096);
    private final RingWriter writer = ring.writer();
    private final AtomicInteger wakes = new AtomicInteger();
    private final RingReader reader = ring.reader(wakes::incrementAndGet);
    private final Batch batch = new Batch(65_536);

    @AfterEach
    void close() {
        reader.close();
        ring.close();
    }

    @Test
    void whatIsWrittenIsReadInOrderAndTogether() {
        write(100, 1);
        write(33, 2);
        writer.publish();

        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.length()).isEqualTo(133);
        assertThat(batch.payloadCount()).isEqualTo(2);
        assertThat(batch.payloadBytes(1)).isEqualTo(33);
        assertThat(batch.bytes()[99]).isEqualTo((byte) 1);
        assertThat(batch.bytes()[100]).isEqualTo((byte) 2);
        assertThat(batch.position()).isZero();
        assertThat(batch.epoch()).isEqualTo(EPOCH);
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.EMPTY);
    }

    @Test
    void nothingIsSeenBeforeItIsPublished() {
        write(100, 1);
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.EMPTY);
        writer.publish();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
    }

    @Test
    void aPayloadWrittenToTheClaimedAddressIsARecord() {
        long address = writer.claim(500);
        MemorySegment.ofAddress(address).reinterpret(3).copyFrom(bytes(3, 9));
        writer.commit(3, EPOCH, 5, RecordFlags.EDGES);
        writer.publish();

        reader.read(batch, 65_536);
        assertThat(Arrays.copyOf(batch.bytes(), batch.length())).containsExactly(9, 9, 9);
        assertThat(batch.arrivalUnixUs()).isEqualTo(5);
        assertThat(batch.flags()).isEqualTo(RecordFlags.EDGES);
    }

    @Test
    void aClaimWithoutACommitLeavesNoTrace() {
        for (int i = 0; i < 200; i++) {
            writer.claim(1000);
            writer.claim(1000);
            write(50, i);
            writer.publish();
            assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
            assertThat(batch.bytes()[0]).isEqualTo((byte) i);
            assertThat(batch.skippedBytes()).isZero();
        }
    }

    @Test
    void aBatchEndsWithTheLastWholePayloadThatFits() {
        write(100, 1);
        write(100, 2);
        write(100, 3);
        writer.publish();
        reader.read(batch, 250);
        assertThat(batch.payloadCount()).isEqualTo(2);
        reader.read(batch, 50);
        assertThat(batch.payloadCount()).as("a larger one comes alone").isOne();
    }

    @Test
    void aLossAcrossARestartOfTheSourceIsKnownToNobodyAlsoWhenItWasNotRead() {
        write(100, 0);
        writer.publish();
        reader.read(batch, 65_536);
        writer.gap(RecordFlags.SOURCE_RESTART, 0);
        for (int i = 0; i < 100; i++) {
            write(200, i);
            writer.publish();
        }
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.LAPPED);
        reader.skipToEnd();
        write(10, 1);
        writer.publish();
        reader.read(batch, 65_536);
        assertThat(batch.flags()).isZero();
        assertThat(batch.acrossRestart()).isTrue();
        write(10, 2);
        writer.publish();
        reader.read(batch, 65_536);
        assertThat(batch.acrossRestart()).as("told once").isFalse();
        writer.gap(RecordFlags.SOURCE_RESTART, 0);
        write(10, 3);
        writer.publish();
        reader.read(batch, 65_536);
        assertThat(batch.acrossRestart()).isTrue();
    }

    @Test
    void aLappedReaderIsToldExactlyWhatItLost() {
        write(100, 0);
        writer.publish();
        reader.read(batch, 65_536);
        for (int i = 0; i < 100; i++) {
            write(200, i);
            writer.publish();
        }
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.LAPPED);
        assertThat(reader.read(batch, 65_536)).as("until it skips").isEqualTo(Result.LAPPED);

        reader.skipToEnd();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.EMPTY);
        write(10, 1);
        writer.publish();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.skippedBytes()).isEqualTo(100 * 200);
        assertThat(batch.skippedPackets()).isEqualTo(100);
        assertThat(batch.position()).isEqualTo(100 + 100 * 200);
    }

    @Test
    void aBatchEndsBeforeABreakAndTheNextOneTellsIt() {
        write(10, 1);
        writer.gap(RecordFlags.AFTER_LOSS, 3);
        write(10, 2);
        writer.write(
                ByteBuffer.wrap(bytes(10, 3).toArray(ValueLayout.JAVA_BYTE)), EPOCH + 1, 9_000, 0);
        writer.publish();

        reader.read(batch, 65_536);
        assertThat(batch.payloadCount()).isOne();
        assertThat(batch.skippedPackets()).isZero();
        reader.read(batch, 65_536);
        assertThat(batch.payloadCount()).isOne();
        assertThat(batch.flags() & RecordFlags.AFTER_LOSS).isNotZero();
        assertThat(batch.skippedPackets()).isEqualTo(3);
        assertThat(batch.skippedBytes()).isZero();
        assertThat(batch.newEpoch()).isFalse();
        reader.read(batch, 65_536);
        assertThat(batch.newEpoch()).isTrue();
        assertThat(batch.gapUs()).isEqualTo(8_000);
    }

    @Test
    void aReaderBeginsAtTheOldestPayloadStillThere() {
        for (int i = 0; i < 100; i++) {
            write(200, i);
        }
        writer.publish();
        reader.startAtOldest();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.payloadCount()).isBetween(10, 20);
        assertThat(batch.position()).isEqualTo(200L * (100 - batch.payloadCount()));
        assertThat(batch.skippedBytes()).isZero();
        assertThat(batch.bytes()[0]).isEqualTo((byte) (100 - batch.payloadCount()));
    }

    @Test
    void aReaderBeginsAtTheTablesBeforeTheLastRandomAccessPoint() {
        assertThat(reader.startAtRandomAccess()).isFalse();
        write(10, 1);
        write(10, 2, RecordFlags.TABLES);
        write(10, 3);
        write(10, 4, RecordFlags.RANDOM_ACCESS);
        write(10, 5);
        assertThat(reader.startAtRandomAccess()).as("not published").isFalse();
        writer.publish();
        assertThat(reader.startAtRandomAccess()).isTrue();
        reader.read(batch, 65_536);
        assertThat(batch.bytes()[0]).isEqualTo((byte) 2);
        assertThat(batch.payloadCount()).isEqualTo(4);
        for (int i = 0; i < 100; i++) {
            write(200, i);
        }
        writer.publish();
        assertThat(reader.startAtRandomAccess()).as("overwritten").isFalse();
    }

    @Test
    void aNewEpochHasItsOwnRandomAccessPoints() {
        write(10, 1, RecordFlags.RANDOM_ACCESS);
        writer.write(ByteBuffer.wrap(bytes(10, 3).toArray(ValueLayout.JAVA_BYTE)), EPOCH + 1, 0, 0);
        writer.publish();
        assertThat(reader.startAtRandomAccess()).isFalse();
    }

    @Test
    void aReaderGoesOnBehindAnother() {
        for (int i = 0; i < 10; i++) {
            write(100, i);
        }
        writer.publish();
        assertThat(reader.startAfter(EPOCH, 400, 4)).isTrue();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.bytes()[0]).isEqualTo((byte) 4);
        assertThat(batch.skippedBytes()).isZero();
        assertThat(reader.startAfter(EPOCH, 1000, 10)).as("at the end").isTrue();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.EMPTY);
        assertThat(reader.startAfter(EPOCH, 1001, 10)).as("beyond the end").isFalse();
        assertThat(reader.startAfter(EPOCH - 1, 0, 0)).as("another epoch").isFalse();
    }

    @Test
    void aReaderThatComesBackTooLateIsToldExactlyWhatItLost() {
        for (int i = 0; i < 100; i++) {
            write(200, i, i == 98 ? RecordFlags.RANDOM_ACCESS : 0);
        }
        writer.publish();
        assertThat(reader.startAfter(EPOCH, 400, 2)).isTrue();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.LAPPED);
        assertThat(reader.skipToRandomAccess()).isTrue();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.skippedBytes()).isEqualTo(96 * 200);
        assertThat(batch.skippedPackets()).isEqualTo(96);
    }

    @Test
    void aReaderFromAnotherRingBeginsWithWhatIsNewToIt() {
        write(100, 1);
        assertThat(reader.startAfterEpoch(EPOCH)).as("nothing newer").isFalse();
        writer.write(new byte[] {7}, 0, 1, EPOCH + 2, 5, 0);
        writer.write(new byte[] {8}, 0, 1, EPOCH + 3, 5, 0);
        assertThat(reader.startAfterEpoch(EPOCH)).as("not published yet").isFalse();
        writer.publish();
        assertThat(reader.startAfterEpoch(EPOCH)).isTrue();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(batch.position()).isEqualTo(100);
        assertThat(batch.bytes()[0]).isEqualTo((byte) 7);
        assertThat(batch.skippedBytes()).isZero();
        assertThat(reader.startAfterEpoch(EPOCH + 2)).isTrue();
        assertThat(reader.position()).isEqualTo(101);
        assertThat(reader.startAfterEpoch(EPOCH + 3)).isFalse();
    }

    @Test
    void onlyAWaitingReaderIsWokenAndOnce() {
        write(10, 1);
        writer.publish();
        assertThat(wakes).hasValue(0);
        assertThat(reader.await()).as("there is something").isFalse();
        reader.read(batch, 65_536);
        assertThat(reader.await()).isTrue();
        write(10, 1);
        write(10, 1);
        assertThat(wakes).hasValue(0);
        writer.publish();
        writer.publish();
        assertThat(wakes).hasValue(1);
    }

    @Test
    void anEndedRingIsReadToItsEnd() {
        assertThat(reader.await()).isTrue();
        write(10, 1);
        writer.publish();
        ring.close();
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.DATA);
        assertThat(reader.read(batch, 65_536)).isEqualTo(Result.ENDED);
        reader.close();
        assertThatThrownBy(() -> ring.reader(() -> {})).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theEndWakesAWaitingReader() {
        assertThat(reader.await()).isTrue();
        ring.close();
        assertThat(wakes).hasValue(1);
        assertThat(reader.await()).isFalse();
    }

    @Test
    void sizesOutsideTheirBoundsAreRefused() {
        assertThatThrownBy(() -> new Ring(3000)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> writer.claim(2000)).isInstanceOf(IllegalArgumentException.class);
        writer.claim(10);
        assertThatThrownBy(() -> writer.commit(11, EPOCH, 0, 0))
                .isInstanceOf(IllegalStateException.class);
    }

    private void write(int length, int fill) {
        write(length, fill, 0);
    }

    private void write(int length, int fill, int flags) {
        writer.write(
                ByteBuffer.wrap(bytes(length, fill).toArray(ValueLayout.JAVA_BYTE)),
                EPOCH,
                1_000,
                flags);
    }

    private static MemorySegment bytes(int length, int fill) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) fill);
        return MemorySegment.ofArray(bytes);
    }
}
