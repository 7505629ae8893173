package live.mirror.receive.srt;

import live.mirror.stream.IngestCounters;
import live.mirror.stream.IngestCounters.TransportFigures;
import live.mirror.v1.SrtStats;

/**
 * Turns a connection's figures into what the stream tells: the short form at each pulse, the full
 * one each second, with the round-trip time as least, average and most of that second. Warns once
 * when the receive buffer is too small for what comes. The tick's thread.
 */
final class FiguresReporter {

    private static final long SECOND_NS = 1_000_000_000;
    private static final System.Logger LOG = System.getLogger(FiguresReporter.class.getName());

    private final String name;
    private final int payloadBytes;
    private long secondBeganNs;
    private long bytesThen;
    private double rttMin;
    private double rttMax;
    private double rttSum;
    private int samples;
    private boolean warned;

    /** For a stream of this name. */
    FiguresReporter(String name, int payloadBytes) {
        this.name = name;
        this.payloadBytes = payloadBytes;
    }

    /** Takes the figures of a pulse. */
    void take(SrtFigures figures, long nowNs, IngestCounters counters) {
        counters.transport(
                new TransportFigures(
                        figures.rttMs(),
                        figures.lostPackets(),
                        figures.droppedPackets(),
                        figures.retransmittedPackets(),
                        figures.undecryptedPackets()));
        rttMin = samples == 0 ? figures.rttMs() : Math.min(rttMin, figures.rttMs());
        rttMax = samples == 0 ? figures.rttMs() : Math.max(rttMax, figures.rttMs());
        rttSum = samples == 0 ? figures.rttMs() : rttSum + figures.rttMs();
        samples++;
        long spanNs = nowNs - secondBeganNs;
        if (secondBeganNs == 0 || spanNs >= SECOND_NS) {
            counters.srt(full(figures));
            if (secondBeganNs != 0) {
                warnOfSmallBuffer(figures, spanNs);
            }
            secondBeganNs = nowNs;
            bytesThen = figures.bytes();
            samples = 0;
        }
    }

    private void warnOfSmallBuffer(SrtFigures figures, long spanNs) {
        long kbps = (figures.bytes() - bytesThen) * 8_000_000 / spanNs;
        long packets =
                BufferSizes.packetsNeeded(kbps, figures.latencyMs(), figures.rttMs(), payloadBytes);
        long needed = BufferSizes.bytesFor(packets);
        long have = (long) figures.freeBufferBytes() + figures.bufferedBytes();
        if (!warned && needed > have) {
            warned = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0}: {1,number,#} kb/s with a latency of {2,number,#} ms need"
                            + " srt.receive-buffer={3,number,#} and srt.flow-window={4,number,#} at"
                            + " least, or an expectedKbps of {1,number,#} in its definition; the"
                            + " buffer has {5,number,#} bytes",
                    name,
                    kbps,
                    figures.latencyMs(),
                    needed,
                    packets,
                    have);
        }
    }

    private SrtStats full(SrtFigures figures) {
        return SrtStats.newBuilder()
                .setPackets(figures.packets())
                .setUniquePackets(figures.uniquePackets())
                .setBytes(figures.bytes())
                .setUniqueBytes(figures.uniqueBytes())
                .setLostPackets(figures.lostPackets())
                .setLostBytes(figures.lostBytes())
                .setDroppedPackets(figures.droppedPackets())
                .setDroppedBytes(figures.droppedBytes())
                .setRetransmittedPackets(figures.retransmittedPackets())
                .setBelatedPackets(figures.belatedPackets())
                .setBelatedMs(figures.belatedMs())
                .setUndecryptedPackets(figures.undecryptedPackets())
                .setUndecryptedBytes(figures.undecryptedBytes())
                .setSentAcks(figures.acknowledgements())
                .setSentNaks(figures.negativeAcknowledgements())
                .setFilterExtraPackets(figures.filterExtraPackets())
                .setFilterSuppliedPackets(figures.filterSuppliedPackets())
                .setFilterLostPackets(figures.filterLostPackets())
                .setRttMinMs(rttMin)
                .setRttAvgMs(rttSum / samples)
                .setRttMaxMs(rttMax)
                .setBandwidthMbps(figures.bandwidthMbps())
                .setBufferedPackets(figures.bufferedPackets())
                .setBufferedBytes(figures.bufferedBytes())
                .setBufferedMs(figures.bufferedMs())
                .setFreeBufferBytes(figures.freeBufferBytes())
                .setLatencyMs(figures.latencyMs())
                .setReorderTolerancePackets(figures.reorderTolerancePackets())
                .setReorderDistancePackets(figures.reorderDistancePackets())
                .setConnectedMs(figures.connectedMs())
                .build();
    }
}
