package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
import live.mirror.rtp.PayloadTypes;

/**
 * What a session needs to know of its stream, from its definition and the worker's settings.
 *
 * @param stream its id
 * @param defined whether a definition says so
 * @param payloads what payload types mean
 * @param legCount 1 or 2
 * @param parity whether parity is received
 * @param windowPackets how many packets wait at most, a power of two
 * @param holdNs how long a packet waits at most
 * @param maxDatagramBytes the longest packet
 * @param idleNs how long the session lasts without a packet
 * @param rtcpIntervalNs mean time between receiver reports
 * @param expectedKbps bitrate to reserve, in kilobits per second; 0 takes the default
 */
record SessionPlan(
        StreamId stream,
        boolean defined,
        PayloadTypes payloads,
        int legCount,
        boolean parity,
        int windowPackets,
        long holdNs,
        int maxDatagramBytes,
        long idleNs,
        long rtcpIntervalNs,
        long expectedKbps) {

    /** Packets of the largest matrix and the one after it, rounded up (SMPTE 2022-1). */
    private static final int PARITY_PACKETS = 256;

    /** By then the parity of a matrix has come, if it comes. */
    private static final long PARITY_HOLD_NS = 500_000_000;

    /** 500 ms of 86 Mb/s in 1,316-byte payloads. */
    private static final int LEGS_PACKETS = 4096;

    /** The same of 690 Mb/s, for streams that are said to be so fast. */
    private static final int MOST_LEGS_PACKETS = 32_768;

    private static final int PAYLOAD_BITS = 8 * 1316;

    /** What one window may take; only very long datagrams make it shorter than asked for. */
    private static final int WINDOW_BYTES = 256 << 20;

    /** A stream that no definition names. */
    static SessionPlan of(StreamId stream, RtpSettings settings) {
        return new SessionPlan(
                stream,
                false,
                PayloadTypes.standard(),
                1,
                false,
                window(settings.reorderPackets(), settings),
                settings.reorderTime().toNanos(),
                settings.maxDatagramBytes(),
                settings.idle().toNanos(),
                settings.rtcpInterval().toNanos(),
                0);
    }

    /** A defined stream. */
    static SessionPlan of(RtpDefinition definition, RtpSettings settings) {
        int legs = Math.max(1, definition.legs().size());
        int packets = settings.reorderPackets();
        long holdNs = definition.reorderTime().orElse(settings.reorderTime()).toNanos();
        if (definition.parity()) {
            packets = Math.max(packets, PARITY_PACKETS);
            holdNs = Math.max(holdNs, PARITY_HOLD_NS);
        }
        if (legs == 2) {
            // The leg that is behind may be out of order too.
            holdNs += definition.skew().toNanos();
            long held = definition.expectedKbps() * (holdNs / 1_000_000) / PAYLOAD_BITS;
            packets = Math.max(packets, Math.clamp(held, LEGS_PACKETS, MOST_LEGS_PACKETS));
        }
        return new SessionPlan(
                definition.stream(),
                true,
                PayloadTypes.standard().with(definition.formats()),
                legs,
                definition.parity(),
                window(packets, settings),
                holdNs,
                settings.maxDatagramBytes(),
                settings.idle().toNanos(),
                settings.rtcpInterval().toNanos(),
                definition.expectedKbps());
    }

    private static int window(int packets, RtpSettings settings) {
        int power = Integer.highestOneBit(packets);
        int fit = Integer.highestOneBit(WINDOW_BYTES / settings.maxDatagramBytes());
        return Math.min(power == packets ? power : power << 1, fit);
    }
}
