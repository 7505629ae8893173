package live.mirror.inspect;

import static live.mirror.inspect.TsBuilder.AUDIO_PID;
import static live.mirror.inspect.TsBuilder.VIDEO_PID;

import static org.assertj.core.api.Assertions.assertThat;

import live.mirror.ring.RecordFlags;
import live.mirror.v1.ElementaryStream;
import live.mirror.v1.StreamMetadata;

import org.junit.jupiter.api.Test;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

class TsInspectorTest {

    private static final int H264 = 0x1b;
    private static final int H265 = 0x24;
    private static final int MPEG2 = 0x02;

    private final List<StreamMetadata> detected = new ArrayList<>();
    private final TsInspector inspector = new TsInspector(detected::add);

    @Test
    void tablesAndTheRandomAccessIndicatorOfTheVideoAreSeen() {
        assertThat(inspect(new TsBuilder().pat())).isEqualTo(RecordFlags.TABLES);
        assertThat(inspect(new TsBuilder().pmt(H264, 0))).isZero();
        assertThat(inspect(new TsBuilder().other(VIDEO_PID).randomAccess(AUDIO_PID))).isZero();
        assertThat(inspect(new TsBuilder().other(VIDEO_PID).randomAccess(VIDEO_PID)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
    }

    @Test
    void theElementaryStreamsAreToldOnceForEachVersion() {
        inspect(new TsBuilder().pat().pmt(H264, 0).pmt(H264, 0).pmt(H265, 1));
        assertThat(detected).hasSize(2);
        assertThat(detected.getFirst().getContainer()).isEqualTo("mpegts");
        assertThat(detected.getFirst().getElementaryStreamsList())
                .extracting(ElementaryStream::getCodec)
                .containsExactly("aac", "h264");
        assertThat(detected.getLast().getElementaryStreamsList())
                .extracting(ElementaryStream::getCodec)
                .containsExactly("aac", "hevc");
    }

    @Test
    void anIdrPictureIsSeenWithoutTheIndicator() {
        inspect(new TsBuilder().pat().pmt(H264, 0));
        // Access unit delimiter, then an IDR slice; then the same with an ordinary slice.
        assertThat(inspect(pes(0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x65, 1)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
        assertThat(inspect(pes(0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x41, 1))).isZero();
        // Sequence parameter set.
        assertThat(inspect(pes(0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x67, 1)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
    }

    @Test
    void aPictureIsFoundBehindMessagesThatFillPackets() {
        inspect(new TsBuilder().pat().pmt(H264, 0));
        // A delimiter and the beginning of supplemental information, which ends two packets later.
        assertThat(inspect(pes(0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 6, 4))).isZero();
        assertThat(inspect(new TsBuilder().more(VIDEO_PID))).isZero();
        assertThat(inspect(new TsBuilder().more(VIDEO_PID, 0x80, 0, 0, 1, 0x65)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
        assertThat(inspect(new TsBuilder().more(VIDEO_PID, 0, 0, 1, 0x65)))
                .as("another slice of it")
                .isZero();
        inspect(pes(0, 0, 0, 1, 9, 0xf0, 0, 0, 1, 0x41));
        assertThat(inspect(new TsBuilder().more(VIDEO_PID, 0, 0, 1, 0x65)))
                .as("behind an ordinary slice")
                .isZero();
    }

    @Test
    void aStartCodeMayBeginInOnePacketAndEndInTheNext() {
        inspect(new TsBuilder().pat().pmt(H264, 0));
        int[] content = new int[TsPacket.BYTES - 4 - TsBuilder.PES_HEADER_BYTES];
        Arrays.fill(content, 0, content.length - 2, 0xff);
        assertThat(inspect(pes(content))).isZero();
        assertThat(inspect(new TsBuilder().more(VIDEO_PID, 1, 0x67)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
    }

    @Test
    void tablesBehindThePictureAreNoPlaceToBeginIt() {
        inspect(new TsBuilder().pat().pmt(H264, 0));
        assertThat(inspect(new TsBuilder().randomAccess(VIDEO_PID).pat()))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
        assertThat(inspect(new TsBuilder().pat().randomAccess(VIDEO_PID)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS | RecordFlags.TABLES);
    }

    @Test
    void otherCodecsHaveTheirOwnPictures() {
        inspect(new TsBuilder().pat().pmt(H265, 0));
        assertThat(inspect(pes(0, 0, 1, 19 << 1, 1))).isEqualTo(RecordFlags.RANDOM_ACCESS);
        assertThat(inspect(pes(0, 0, 1, 1 << 1, 1))).isZero();
        inspect(new TsBuilder().pmt(MPEG2, 1));
        assertThat(inspect(pes(0, 0, 1, 0xb3))).isEqualTo(RecordFlags.RANDOM_ACCESS);
        assertThat(inspect(pes(0, 0, 1, 0x00))).isZero();
    }

    @Test
    void anotherSourceHasItsOwnTables() {
        inspect(new TsBuilder().pat().pmt(H264, 0));
        inspector.restart();
        assertThat(inspect(new TsBuilder().randomAccess(VIDEO_PID))).isZero();
        inspect(new TsBuilder().pat().pmt(H264, 0));
        assertThat(inspect(new TsBuilder().randomAccess(VIDEO_PID)))
                .isEqualTo(RecordFlags.RANDOM_ACCESS);
    }

    @Test
    void packetsMayBeginAnywhereInAPayload() {
        byte[] media =
                new TsBuilder()
                        .other(VIDEO_PID)
                        .pat()
                        .pmt(H264, 0)
                        .other(VIDEO_PID)
                        .other(AUDIO_PID)
                        .randomAccess(VIDEO_PID)
                        .other(VIDEO_PID)
                        .other(VIDEO_PID)
                        .bytes();
        for (int size = 60; size < 700; size += 13) {
            TsInspector fresh = new TsInspector(detected::add);
            detected.clear();
            int flags = 0;
            for (int at = 0; at < media.length; at += size) {
                int length = Math.min(size, media.length - at);
                flags |= fresh.inspect(MemorySegment.ofArray(media), at, length);
            }
            assertThat(detected).as("payloads of %d bytes", size).hasSize(1);
            assertThat(flags & RecordFlags.RANDOM_ACCESS)
                    .as("payloads of %d bytes", size)
                    .isNotZero();
        }
    }

    @Test
    void whateverComesNothingBreaks() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            byte[] payload = new byte[random.nextInt(1500)];
            random.nextBytes(payload);
            for (int at = random.nextInt(189); at < payload.length; at += 188) {
                payload[at] = 0x47;
                if (at + 3 < payload.length && random.nextBoolean()) {
                    payload[at + 1] = (byte) (random.nextBoolean() ? 0x40 : 0x50);
                    payload[at + 2] = 0;
                }
            }
            inspector.inspect(MemorySegment.ofArray(payload), 0, payload.length);
            if (random.nextInt(100) == 0) {
                inspector.restart();
            }
        }
    }

    private static TsBuilder pes(int... content) {
        return new TsBuilder().pes(VIDEO_PID, content);
    }

    private int inspect(TsBuilder packets) {
        byte[] bytes = packets.bytes();
        return inspector.inspect(MemorySegment.ofArray(bytes), 0, bytes.length);
    }
}
