package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
import live.mirror.rtp.FaultCounters;
import live.mirror.rtp.LegFigures;
import live.mirror.rtp.ReorderWindow;
import live.mirror.rtp.fec.ParityDecoder;
import live.mirror.v1.RtpLegStats;
import live.mirror.v1.RtpStats;

import org.jspecify.annotations.Nullable;

/**
 * What a session counts. Its thread writes; any thread reads, and may see a figure that is a moment
 * old.
 */
public final class RtpFigures {

    private final StreamId stream;
    private final FaultCounters faults;
    private final ReorderWindow window;
    private final @Nullable ParityDecoder parity;
    private final LegReception[] legs;
    private long restartCount;
    private long strayCount;
    private long reportsSent;
    private long reportsFailed;
    private long senderReports;
    private long senderNtp;
    private int senderTimestamp;
    private long senderPackets;

    RtpFigures(
            StreamId stream,
            FaultCounters faults,
            ReorderWindow window,
            @Nullable ParityDecoder parity,
            LegReception[] legs) {
        this.stream = stream;
        this.faults = faults;
        this.window = window;
        this.parity = parity;
        this.legs = legs;
    }

    void restarted() {
        restartCount++;
    }

    void stray(int packets) {
        strayCount += packets;
    }

    void reported(boolean sent) {
        if (sent) {
            reportsSent++;
        } else {
            reportsFailed++;
        }
    }

    void senderReport(long ntp, int rtpTimestamp, long packets) {
        senderReports++;
        senderNtp = ntp;
        senderTimestamp = rtpTimestamp;
        senderPackets = packets;
    }

    /** The stream that the session feeds. */
    public StreamId stream() {
        return stream;
    }

    /** Malformed packets by cause. */
    public FaultCounters faults() {
        return faults;
    }

    /** Packets delivered, in order. */
    public long deliveredCount() {
        return window.deliveredCount();
    }

    /** Packets given up and told as gaps. */
    public long lostCount() {
        return window.lostCount();
    }

    /** Packets that came after they had been given up. */
    public long lateCount() {
        return window.lateCount();
    }

    /** Packets that came twice on one leg. */
    public long duplicateCount() {
        return window.duplicateCount();
    }

    /** Packets that waited for an earlier one. */
    public long reorderedCount() {
        return window.reorderedCount();
    }

    /** Packets recovered by parity. */
    public long recoveredCount() {
        return parity == null ? 0 : parity.recoveredCount();
    }

    /** Parity packets received. */
    public long parityCount() {
        return parity == null ? 0 : parity.parityCount();
    }

    /** Times that the source began a new count of sequence numbers. */
    public long restartCount() {
        return restartCount;
    }

    /** Packets whose numbers were far from all others': dropped, since nothing followed them. */
    public long strayCount() {
        return strayCount;
    }

    /** Receiver reports sent. */
    public long reportsSentCount() {
        return reportsSent;
    }

    /** Receiver reports that the kernel did not take. */
    public long reportsFailedCount() {
        return reportsFailed;
    }

    /** Sender reports received. */
    public long senderReportCount() {
        return senderReports;
    }

    /** The last sender report's wall clock, as an NTP timestamp; 0 before the first. */
    public long senderNtp() {
        return senderNtp;
    }

    /** The same instant on the media clock. */
    public int senderTimestamp() {
        return senderTimestamp;
    }

    /** Packets that the sender says it has sent. */
    public long senderPackets() {
        return senderPackets;
    }

    /** Interarrival jitter of a leg, in microseconds (RFC 3550 appendix A.8). */
    public long jitterUs(int leg) {
        return legs[leg].jitter().micros();
    }

    /** How many legs there are. */
    public int legCount() {
        return legs.length;
    }

    /** What a leg did; telling only when there are two. */
    public LegFigures leg(int index) {
        return window.leg(index);
    }

    /** All of it as the report carries it. Tick thread. */
    RtpStats stats() {
        RtpStats.Builder stats =
                RtpStats.newBuilder()
                        .setPackets(deliveredCount())
                        .setLostPackets(lostCount())
                        .setLatePackets(lateCount())
                        .setDuplicatePackets(duplicateCount())
                        .setReorderedPackets(reorderedCount())
                        .setRecoveredPackets(recoveredCount())
                        .setParityPackets(parityCount())
                        .setMalformedPackets(faults.total())
                        .setRestarts(restartCount)
                        .setStrayPackets(strayCount)
                        .setSenderReports(senderReports)
                        .setSenderPackets(senderPackets);
        for (int i = 0; i < legs.length; i++) {
            LegFigures leg = leg(i);
            stats.addLegs(
                    RtpLegStats.newBuilder()
                            .setPackets(leg.receivedCount())
                            .setLostPackets(leg.lostCount())
                            .setSavedPackets(leg.savedByOtherCount())
                            .setSkewUs(leg.skewUs())
                            .setMaxSkewUs(leg.maxSkewUs())
                            .setJitterUs(jitterUs(i)));
        }
        return stats.build();
    }

    @Override
    public String toString() {
        return deliveredCount()
                + " packets delivered, "
                + lostCount()
                + " lost, "
                + lateCount()
                + " late, "
                + duplicateCount()
                + " duplicates, "
                + reorderedCount()
                + " reordered, "
                + faults.total()
                + " malformed";
    }
}
