package live.mirror.stream;

import live.mirror.v1.RtpStats;
import live.mirror.v1.SrtStats;

import org.jspecify.annotations.Nullable;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * What one ingest session has received. Written by the session's thread alone, read by any: each
 * figure is exact in itself, and figures read together may be a packet apart.
 */
public final class IngestCounters {

    private static final VarHandle BYTES = handle("bytes");
    private static final VarHandle PACKETS = handle("packets");

    private long bytes;
    private long packets;
    private volatile TransportFigures transport = TransportFigures.NONE;
    private volatile @Nullable SrtStats srt;
    private volatile @Nullable RtpStats rtp;

    /**
     * What the transport tells of itself, as totals of the session.
     *
     * @param rttMs round-trip time in milliseconds; 0 where the transport has none
     * @param lostPackets found missing by sequence number, repaired later or not
     * @param droppedPackets given up: never delivered
     * @param retransmittedPackets sent again by the publisher
     * @param undecryptedPackets came but could not be decrypted
     */
    public record TransportFigures(
            double rttMs,
            long lostPackets,
            long droppedPackets,
            long retransmittedPackets,
            long undecryptedPackets) {

        /** Nothing yet. */
        public static final TransportFigures NONE = new TransportFigures(0, 0, 0, 0, 0);
    }

    /** Adds a drain's worth. Session's thread only. */
    public void add(long moreBytes, long morePackets) {
        // Release pairs with the acquire of the readers below: a reader that sees the packets sees
        // the bytes.
        BYTES.setRelease(this, bytes + moreBytes);
        PACKETS.setRelease(this, packets + morePackets);
    }

    /** Replaces the transport's figures. One thread only, at least once a second. */
    public void transport(TransportFigures figures) {
        transport = figures;
    }

    /** Replaces what SRT tells in full. One thread only, about once a second. */
    public void srt(SrtStats figures) {
        srt = figures;
    }

    /** What SRT tells in full, if the session comes by SRT. */
    public Optional<SrtStats> srt() {
        return Optional.ofNullable(srt);
    }

    /** Replaces what RTP tells in full. One thread only, about once a second. */
    public void rtp(RtpStats figures) {
        rtp = figures;
    }

    /** What RTP tells in full, if the session comes by RTP. */
    public Optional<RtpStats> rtp() {
        return Optional.ofNullable(rtp);
    }

    /** Media bytes received. */
    public long bytes() {
        return (long) BYTES.getAcquire(this);
    }

    /** Packets received that carried media. */
    public long packets() {
        return (long) PACKETS.getAcquire(this);
    }

    /** The transport's figures. */
    public TransportFigures transport() {
        return transport;
    }

    private static VarHandle handle(String field) {
        try {
            return MethodHandles.lookup().findVarHandle(IngestCounters.class, field, long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }
}
