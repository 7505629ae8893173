package live.mirror.rtp;

import java.util.Locale;

/**
 * What can be wrong with a datagram that claims to be RTP or RTCP; each has a counter of its own.
 */
public enum PacketFault {
    /** Nothing is wrong. */
    NONE,
    /** Shorter than the fixed header: 12 bytes of RTP, 8 of RTCP. */
    TRUNCATED,
    /** Longer than a datagram may be here; its end was cut off by the receive buffer. */
    OVERSIZE,
    /** The version is not 2. */
    WRONG_VERSION,
    /** The CSRC list reaches beyond the end. */
    CSRC_OVERRUN,
    /** The header extension reaches beyond the end. */
    EXTENSION_OVERRUN,
    /** The padding count is zero or larger than what is there. */
    PADDING_OVERRUN,
    /** A payload of MPEG-TS that is not made of whole 188-byte packets that begin with 0x47. */
    NOT_WHOLE_TS_PACKETS,
    /**
     * An RTCP packet's length reaches beyond the datagram, or bytes are left over behind the last.
     */
    RTCP_LENGTH,
    /** An RTCP datagram that does not begin with a type from 200 to 207. */
    RTCP_FIRST_PACKET,
    /** Padding on an RTCP packet other than the last, or a wrong padding count. */
    RTCP_PADDING,
    /** An RTCP packet too short for the blocks or texts that its header counts. */
    RTCP_BLOCKS,
    /** A parity datagram whose FEC header can't be (SMPTE 2022-1). */
    FEC_HEADER;

    /** As a metric label: {@code wrong_version}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
