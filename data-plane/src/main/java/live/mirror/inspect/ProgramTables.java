package live.mirror.inspect;

import static live.mirror.inspect.TsPacket.BYTES;
import static live.mirror.inspect.TsPacket.unsignedByte;
import static live.mirror.inspect.TsPacket.unsignedShort;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * What the PAT and the PMT of the first program say (ISO/IEC 13818-1, 2.4.4). A section is read as
 * far as it stands in its first packet, which holds more than thirty elementary streams. The
 * writer's thread.
 */
final class ProgramTables {

    static final int NO_PID = -1;

    private static final int PAT_TABLE = 0x00;
    private static final int PMT_TABLE = 0x02;

    /** Bytes of a section before its own content: PAT, and PMT up to the program's descriptors. */
    private static final int PAT_HEADER_BYTES = 8;

    private static final int PMT_HEADER_BYTES = 12;
    private static final int CRC_BYTES = 4;

    /** One elementary stream of the program. */
    record Entry(int pid, int streamType) {}

    private int pmtPid = NO_PID;
    private int pmtVersion = -1;
    private int randomAccessPid = NO_PID;
    private StreamType randomAccessType = StreamType.OTHER;
    private List<Entry> entries = List.of();

    int pmtPid() {
        return pmtPid;
    }

    /** The video's PID, or the first one's when there is no video. */
    int randomAccessPid() {
        return randomAccessPid;
    }

    StreamType randomAccessType() {
        return randomAccessType;
    }

    List<Entry> entries() {
        return entries;
    }

    /** Reads a packet of PID 0; returns whether a PAT begins in it. */
    boolean readPat(MemorySegment memory, long packet, int header) {
        int section = section(memory, packet, header, PAT_TABLE);
        if (section < 0) {
            return false;
        }
        int end = sectionEnd(memory, packet, section);
        for (int at = section + PAT_HEADER_BYTES; at + 4 <= end; at += 4) {
            int program = unsignedShort(memory, packet + at);
            if (program != 0) {
                int pid = unsignedShort(memory, packet + at + 2) & 0x1fff;
                if (pid != pmtPid) {
                    pmtPid = pid;
                    pmtVersion = -1;
                }
                break;
            }
        }
        return true;
    }

    /** Reads a packet of the PMT's PID; returns whether the program has changed. */
    boolean readPmt(MemorySegment memory, long packet, int header) {
        int section = section(memory, packet, header, PMT_TABLE);
        if (section < 0 || section + PMT_HEADER_BYTES > BYTES) {
            return false;
        }
        int version = (unsignedByte(memory, packet + section + 5) >> 1) & 0x1f;
        if (version == pmtVersion) {
            return false;
        }
        pmtVersion = version;
        int end = sectionEnd(memory, packet, section);
        int descriptors = unsignedShort(memory, packet + section + 10) & 0xfff;
        List<Entry> found = new ArrayList<>();
        int at = section + PMT_HEADER_BYTES + descriptors;
        while (at + 5 <= end) {
            found.add(
                    new Entry(
                            unsignedShort(memory, packet + at + 1) & 0x1fff,
                            unsignedByte(memory, packet + at)));
            at += 5 + (unsignedShort(memory, packet + at + 3) & 0xfff);
        }
        entries = List.copyOf(found);
        chooseRandomAccessPid();
        return true;
    }

    private void chooseRandomAccessPid() {
        Entry chosen = null;
        for (Entry entry : entries) {
            if (StreamType.of(entry.streamType()).isVideo()) {
                chosen = entry;
                break;
            }
            chosen = chosen == null ? entry : chosen;
        }
        randomAccessPid = chosen == null ? NO_PID : chosen.pid();
        randomAccessType = chosen == null ? StreamType.OTHER : StreamType.of(chosen.streamType());
    }

    /** Where in the packet a section of this table begins, or -1. */
    private static int section(MemorySegment memory, long packet, int header, int table) {
        int payload = TsPacket.payloadOffset(memory, packet, header);
        if (!TsPacket.isUnitStart(header) || payload >= BYTES) {
            return -1;
        }
        int section = payload + 1 + unsignedByte(memory, packet + payload);
        return section + PAT_HEADER_BYTES <= BYTES
                        && unsignedByte(memory, packet + section) == table
                ? section
                : -1;
    }

    /** Where the section's content ends, or the packet before it. */
    private static int sectionEnd(MemorySegment memory, long packet, int section) {
        int length = unsignedShort(memory, packet + section + 1) & 0xfff;
        return Math.min(BYTES, section + 3 + length - CRC_BYTES);
    }
}
