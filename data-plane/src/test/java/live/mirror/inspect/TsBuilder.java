package live.mirror.inspect;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Writes transport packets field by field. */
final class TsBuilder {

    static final int PMT_PID = 0x1011;
    static final int VIDEO_PID = 0x111;
    static final int AUDIO_PID = 0x112;

    /** Of {@link #pes}. */
    static final int PES_HEADER_BYTES = 14;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
        return out.toByteArray();
    }

    TsBuilder pat() {
        return packet(
                0,
                true,
                new int[] {
                    0x00, // pointer field
                    0x00, // table id: PAT
                    0xb0,
                    0x0d, // section syntax, length 13
                    0x00,
                    0x01, // transport stream id
                    0xc1,
                    0x00,
                    0x00, // version 0, current; section 0 of 0
                    0x00,
                    0x01, // program 1
                    0xe0 | PMT_PID >> 8,
                    PMT_PID & 0xff, // its PMT
                    0x00,
                    0x00,
                    0x00,
                    0x00, // CRC, which nobody reads
                });
    }

    TsBuilder pmt(int videoType, int version) {
        return packet(
                PMT_PID,
                true,
                new int[] {
                    0x00, // pointer field
                    0x02, // table id: PMT
                    0xb0,
                    0x17, // section syntax, length 23
                    0x00,
                    0x01, // program 1
                    0xc1 | version << 1,
                    0x00,
                    0x00, // version, current; section 0 of 0
                    0xe1,
                    0x00, // PCR PID
                    0xf0,
                    0x00, // no descriptors
                    0x0f,
                    0xe0 | AUDIO_PID >> 8,
                    AUDIO_PID & 0xff,
                    0xf0,
                    0x00, // AAC
                    videoType,
                    0xe0 | VIDEO_PID >> 8,
                    VIDEO_PID & 0xff,
                    0xf0,
                    0x00, // video
                    0x00,
                    0x00,
                    0x00,
                    0x00, // CRC, which nobody reads
                });
    }

    /** A PES packet's first transport packet with these bytes of video behind the PES header. */
    TsBuilder pes(int pid, int... content) {
        int[] header = {
            0x00, 0x00, 0x01, 0xe0, // start code, stream id
            0x00, 0x00, // length not told
            0x80, 0x80, 0x05, // flags: PTS, header length 5
            0x21, 0x00, 0x01, 0x00, 0x01, // PTS 0
        };
        int[] all = Arrays.copyOf(header, header.length + content.length);
        System.arraycopy(content, 0, all, header.length, content.length);
        return packet(pid, true, all);
    }

    /** What comes of a PES packet in a later transport packet. */
    TsBuilder more(int pid, int... content) {
        return packet(pid, false, content);
    }

    TsBuilder randomAccess(int pid) {
        out.write(0x47);
        out.write(pid >> 8);
        out.write(pid & 0xff);
        out.write(0x30); // adaptation field and payload
        out.write(1); // adaptation field length
        out.write(0x40); // random access indicator
        fill(182);
        return this;
    }

    TsBuilder other(int pid) {
        return packet(pid, false, new int[0]);
    }

    private TsBuilder packet(int pid, boolean unitStart, int[] payload) {
        out.write(0x47);
        out.write((unitStart ? 0x40 : 0) | pid >> 8);
        out.write(pid & 0xff);
        out.write(0x10); // payload only
        for (int value : payload) {
            out.write(value);
        }
        fill(184 - payload.length);
        return this;
    }

    private void fill(int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write(0xff);
        }
    }
}
