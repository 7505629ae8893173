package live.mirror.rtp.depacketise;

import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.RtpPacket;

import java.util.Optional;

/** Takes packets in order, gives access units. */
public interface Depacketiser {

    /** Receives what a depacketiser puts together. */
    interface Output {
        /**
         * One access unit.
         *
         * @param bytes valid during the call
         * @param timestamp of the media clock, as on the wire
         * @param randomAccess whether a decoder can begin with it
         * @param damaged whether a part of it is known to be missing; such a unit is given all the
         *     same, since decoders conceal
         */
        void accessUnit(
                byte[] bytes,
                int offset,
                int length,
                int timestamp,
                boolean randomAccess,
                boolean damaged);
    }

    /** Takes the next packet; packets lost before it were told by {@link #lost}. */
    void packet(RtpPacket packet);

    /** Packets are missing before the next one. */
    void lost();

    /** Nothing more comes: gives what is complete. */
    void flush();

    /** Whether a unit has begun whose end has not come. */
    boolean isInsideUnit();

    /** Packets that could not be understood. */
    long malformedCount();

    /** A depacketiser for this format, if there is one. */
    static Optional<Depacketiser> of(MediaFormat format, Output output) {
        return switch (format.encoding()) {
            case "H264" -> Optional.of(new H264Depacketiser(format, output));
            case "H265" -> Optional.of(new H265Depacketiser(format, output));
            case "MPEG4-GENERIC" -> AacDepacketiser.of(format, output);
            default -> Optional.empty();
        };
    }
}
