package live.mirror.delivery;

import com.google.protobuf.ByteString;

import live.mirror.ring.Batch;
import live.mirror.ring.RecordFlags;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.PayloadTypes;
import live.mirror.rtp.RtpPacket;
import live.mirror.rtp.depacketise.AdtsHeader;
import live.mirror.rtp.depacketise.Depacketiser;
import live.mirror.stream.LiveStream;
import live.mirror.v1.AccessUnit;
import live.mirror.v1.Chunk;
import live.mirror.v1.PayloadKind;

import org.jspecify.annotations.Nullable;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * One subscription's access units, put together out of the RTP packets that its reader brings. A
 * chunk holds what one packet has completed: a picture, or the audio frames of a packet. It begins
 * where the one before ended, so that a subscriber resumes at the packet that its next unit begins
 * with. Belongs to the event loop.
 */
final class AccessUnits implements Depacketiser.Output {

    private static final int NO_TYPE = -1;

    private final LiveStream stream;
    private final Consumer<Chunk> chunks;
    private final RtpPacket packet = new RtpPacket();

    // How packets are understood: of one payload type at a time.
    private int payloadType = NO_TYPE;
    private @Nullable Depacketiser depacketiser;
    private @Nullable AdtsHeader adts;
    private PayloadKind kind = PayloadKind.PAYLOAD_KIND_UNSPECIFIED;
    private int clockRate;

    // Where the units to come begin.
    private boolean begun;
    private long position;
    private long number;
    private long epoch;
    private long arrivalUnixUs;

    // Behind the last packet taken.
    private long lastPosition;
    private long lastNumber;

    // Units that were completed and not sent yet.
    private Chunk.Builder collected = Chunk.newBuilder();
    private ByteString media = ByteString.EMPTY;
    private boolean cutting;

    AccessUnits(LiveStream stream, Consumer<Chunk> chunks) {
        this.stream = stream;
        this.chunks = chunks;
    }

    /**
     * Takes the packets of a batch.
     *
     * @return false when they can't be put together, and are to be delivered as they are
     */
    boolean take(Batch batch) {
        if ((batch.flags() & RecordFlags.EDGES) == 0 || !understands(batch)) {
            cut();
            return false;
        }
        if (!begun) {
            begun = true;
            begin(batch.position(), batch.packet(), batch.arrivalUnixUs());
        }
        epoch = batch.epoch();
        long at = batch.position();
        long next = batch.packet();
        int offset = 0;
        for (int i = 0; i < batch.payloadCount(); i++) {
            int length = batch.payloadBytes(i);
            take(batch, offset, length, at, next);
            offset += length;
            at += length;
            next++;
        }
        return true;
    }

    /** Packets were lost before the next batch: the unit that they belong to is damaged. */
    void lost() {
        if (depacketiser != null) {
            depacketiser.lost();
        }
    }

    /** What follows does not belong to what was before: gives what there is of the last unit. */
    void cut() {
        if (depacketiser != null && begun) {
            cutting = true;
            depacketiser.flush();
            cutting = false;
            send(lastPosition, lastNumber, arrivalUnixUs);
        }
        depacketiser = null;
        payloadType = NO_TYPE;
        begun = false;
    }

    private void take(Batch batch, int offset, int length, long at, long next) {
        Depacketiser assembling = depacketiser;
        if (assembling == null || packet.read(batch.bytes(), offset, length) != PacketFault.NONE) {
            throw new IllegalStateException("a record of " + stream.id() + " is no RTP packet");
        }
        assembling.packet(packet);
        lastPosition = at + length;
        lastNumber = next + 1;
        if (assembling.isInsideUnit()) {
            // What is complete was so before this packet, which begins or continues another unit.
            send(at, next, batch.arrivalUnixUs());
        } else {
            send(lastPosition, lastNumber, batch.arrivalUnixUs());
        }
    }

    @Override
    public void accessUnit(
            byte[] bytes,
            int offset,
            int length,
            int timestamp,
            boolean randomAccess,
            boolean damaged) {
        ByteString unit = ByteString.copyFrom(bytes, offset, length);
        if (adts != null) {
            byte[] header = new byte[AdtsHeader.BYTES];
            if (!adts.write(header, 0, length)) {
                return;
            }
            unit = ByteString.copyFrom(header).concat(unit);
        }
        media = media.concat(unit);
        collected
                .addDatagramBytes(unit.size())
                .addAccessUnits(
                        AccessUnit.newBuilder()
                                .setRtpTimestamp(timestamp)
                                .setRandomAccess(randomAccess)
                                .setDamaged(damaged || cutting));
    }

    /** Sends what is complete; the next unit begins at this position and packet. */
    private void send(long nextPosition, long nextNumber, long nextArrivalUnixUs) {
        if (media.isEmpty()) {
            return;
        }
        chunks.accept(
                collected
                        .setEpoch(epoch)
                        .setPosition(position)
                        .setArrivalUnixUs(arrivalUnixUs)
                        .setPayload(media)
                        .setPacket(number)
                        .setPacketCount((int) (nextNumber - number))
                        .setPayloadKind(kind)
                        .setClockRate(clockRate)
                        .setMediaBytes(nextPosition - position)
                        .build());
        collected = Chunk.newBuilder();
        media = ByteString.EMPTY;
        begin(nextPosition, nextNumber, nextArrivalUnixUs);
    }

    private void begin(long nextPosition, long nextNumber, long nextArrivalUnixUs) {
        position = nextPosition;
        number = nextNumber;
        arrivalUnixUs = nextArrivalUnixUs;
    }

    /** Whether all packets of the batch are of one type that can be put together. */
    private boolean understands(Batch batch) {
        int offset = 0;
        int type = NO_TYPE;
        for (int i = 0; i < batch.payloadCount(); i++) {
            int its = batch.bytes()[offset + 1] & 0x7f;
            if (type != NO_TYPE && its != type) {
                return false;
            }
            type = its;
            offset += batch.payloadBytes(i);
        }
        if (type != payloadType) {
            cut();
            payloadType = type;
            choose(type);
        }
        return depacketiser != null;
    }

    private void choose(int type) {
        Optional<PayloadTypes> types = stream.payloadTypes();
        if (types.isEmpty()) {
            return;
        }
        MediaFormat format = types.get().format(type);
        adts = AdtsHeader.of(format).orElse(null);
        kind =
                switch (format.encoding()) {
                    case "H264" -> PayloadKind.PAYLOAD_KIND_H264_UNITS;
                    case "H265" -> PayloadKind.PAYLOAD_KIND_H265_UNITS;
                    case "MPEG4-GENERIC" -> PayloadKind.PAYLOAD_KIND_AAC_UNITS;
                    default -> PayloadKind.PAYLOAD_KIND_UNSPECIFIED;
                };
        clockRate = format.clockRate();
        boolean audioWithoutHeader = kind == PayloadKind.PAYLOAD_KIND_AAC_UNITS && adts == null;
        depacketiser = audioWithoutHeader ? null : Depacketiser.of(format, this).orElse(null);
    }
}
