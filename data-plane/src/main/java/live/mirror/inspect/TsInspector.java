package live.mirror.inspect;

import static live.mirror.inspect.TsPacket.BYTES;
import static live.mirror.inspect.TsPacket.unsignedByte;

import live.mirror.ring.PayloadInspector;
import live.mirror.ring.RecordFlags;
import live.mirror.v1.ElementaryStream;
import live.mirror.v1.StreamMetadata;

import java.lang.foreign.MemorySegment;
import java.util.function.Consumer;

/**
 * Finds the tables and the random access points of an MPEG-TS, whether its packets begin with each
 * payload, as encoders send them, or anywhere. Media that are no MPEG-TS cost a look at one byte
 * per payload. One for each ring; the writer's thread.
 */
public final class TsInspector implements PayloadInspector {

    /** So many payloads without a packet in them, and only their first bytes are looked at. */
    private static final int GIVE_UP_AFTER = 50;

    private final Consumer<StreamMetadata> onDetected;
    private ProgramTables tables = new ProgramTables();
    private final PacketCarry carry = new PacketCarry();
    private final PictureSearch search = new PictureSearch();
    private int payloadsWithoutPacket;

    /**
     * An inspector that knows nothing yet.
     *
     * @param onDetected hears of the container and its elementary streams when they become known or
     *     change, on the writer's thread
     */
    public TsInspector(Consumer<StreamMetadata> onDetected) {
        this.onDetected = onDetected;
    }

    @Override
    public int inspect(MemorySegment memory, long offset, int length) {
        if (carry.isEmpty()
                && length % BYTES == 0
                && length > 0
                && unsignedByte(memory, offset) == TsPacket.SYNC) {
            payloadsWithoutPacket = 0;
            int flags = 0;
            for (long at = offset; at < offset + length; at += BYTES) {
                flags = join(flags, packet(memory, at));
            }
            return flags;
        }
        return payloadsWithoutPacket > GIVE_UP_AFTER ? 0 : inspectUnaligned(memory, offset, length);
    }

    @Override
    public void restart() {
        tables = new ProgramTables();
        carry.clear();
        search.end();
        payloadsWithoutPacket = 0;
    }

    private int inspectUnaligned(MemorySegment memory, long offset, int length) {
        long end = offset + length;
        long at = offset;
        int flags = 0;
        if (!carry.isEmpty()) {
            at += carry.fill(memory, at, end);
            if (!carry.isFull()) {
                return 0;
            }
            // A table that began in the payload before is no place to begin: half of it is there.
            flags |= packet(carry.segment(), 0) & ~RecordFlags.TABLES;
            carry.clear();
        }
        boolean found = false;
        while (at < end) {
            if (unsignedByte(memory, at) != TsPacket.SYNC) {
                at++;
            } else if (end - at < BYTES) {
                carry.fill(memory, at, end);
                at = end;
            } else if (at + BYTES == end || unsignedByte(memory, at + BYTES) == TsPacket.SYNC) {
                flags = join(flags, packet(memory, at));
                found = true;
                at += BYTES;
            } else {
                at++;
            }
        }
        payloadsWithoutPacket = found ? 0 : payloadsWithoutPacket + 1;
        return flags;
    }

    private int packet(MemorySegment memory, long at) {
        int header = TsPacket.header(memory, at);
        if (!TsPacket.isPacket(header)) {
            return 0;
        }
        int pid = TsPacket.pid(header);
        if (pid == tables.randomAccessPid()) {
            return isRandomAccess(memory, at, header) ? RecordFlags.RANDOM_ACCESS : 0;
        }
        if (pid == TsPacket.PAT_PID) {
            return tables.readPat(memory, at, header) ? RecordFlags.TABLES : 0;
        }
        if (pid == tables.pmtPid() && tables.readPmt(memory, at, header)) {
            onDetected.accept(detected());
        }
        return 0;
    }

    private StreamMetadata detected() {
        StreamMetadata.Builder metadata = StreamMetadata.newBuilder().setContainer("mpegts");
        for (ProgramTables.Entry entry : tables.entries()) {
            metadata.addElementaryStreams(
                    ElementaryStream.newBuilder()
                            .setPid(entry.pid())
                            .setCodec(StreamType.codec(entry.streamType())));
        }
        return metadata.build();
    }

    private boolean isRandomAccess(MemorySegment memory, long at, int header) {
        if (TsPacket.isRandomAccess(memory, at, header)) {
            search.end();
            return true;
        }
        StreamType type = tables.randomAccessType();
        boolean unitStart = TsPacket.isUnitStart(header);
        if (!type.isVideo()) {
            return unitStart;
        }
        if (unitStart) {
            search.begin();
        }
        int payload =
                unitStart
                        ? TsPacket.pesPayloadOffset(memory, at, header)
                        : TsPacket.payloadOffset(memory, at, header);
        return search.find(memory, at + payload, at + BYTES, type);
    }

    /** Tables behind the picture in one payload come too late for it. */
    private static int join(int flags, int more) {
        return (flags & RecordFlags.RANDOM_ACCESS) == 0
                ? flags | more
                : flags | (more & ~RecordFlags.TABLES);
    }
}
