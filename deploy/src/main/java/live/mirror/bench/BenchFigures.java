package live.mirror.bench;

import com.google.protobuf.util.Timestamps;

import live.mirror.v1.ElementaryStream;
import live.mirror.v1.SrtStats;
import live.mirror.v1.StreamMetadata;
import live.mirror.v1.StreamStats;

/**
 * What a worker tells of a 10 Mb/s SRT stream with two tracks, every field that a real one fills.
 * All streams of a fake worker have the same figures: the control plane can't tell, and the
 * generator saves the work. Used by the worker's keeper; others read the last.
 */
final class BenchFigures {

    private static final StreamMetadata METADATA =
            StreamMetadata.newBuilder()
                    .setSource("192.0.2.1:5000")
                    .setPublisher("SRT 1.5.1")
                    .setLatencyMs(120)
                    .setEncrypted(true)
                    .setContainer("mpegts")
                    .addElementaryStreams(
                            ElementaryStream.newBuilder().setPid(256).setCodec("h264"))
                    .addElementaryStreams(ElementaryStream.newBuilder().setPid(257).setCodec("aac"))
                    .build();

    private long seconds;
    private volatile StreamStats stats = StreamStats.getDefaultInstance();

    StreamMetadata metadata() {
        return METADATA;
    }

    StreamStats stats() {
        return stats;
    }

    void aSecondOn() {
        seconds++;
        long bytes = seconds * 1_250_000;
        long packets = bytes / 1_316;
        stats =
                StreamStats.newBuilder()
                        .setBytes(bytes)
                        .setPackets(packets)
                        .setBitrateBps(9_900_000 + bytes % 199_999)
                        .setUpdatedAt(Timestamps.fromMillis(1_700_000_000_000L + seconds * 1_000))
                        .setRttMs(20.5)
                        .setLostPackets(seconds / 10)
                        .setDroppedPackets(seconds / 100)
                        .setRetransmittedPackets(seconds / 11)
                        .setSubscriptions(2)
                        .setSrt(srt(bytes, packets))
                        .build();
    }

    private SrtStats srt(long bytes, long packets) {
        return SrtStats.newBuilder()
                .setPackets(packets + seconds / 11)
                .setUniquePackets(packets)
                .setBytes(bytes + seconds * 100)
                .setUniqueBytes(bytes)
                .setLostPackets(seconds / 10)
                .setLostBytes(seconds * 131)
                .setDroppedPackets(seconds / 100)
                .setDroppedBytes(seconds * 13)
                .setRetransmittedPackets(seconds / 11)
                .setBelatedPackets(seconds / 50)
                .setBelatedMs(1.5)
                .setSentAcks(seconds * 100)
                .setSentNaks(seconds / 10)
                .setRttMinMs(19.9)
                .setRttAvgMs(20.4)
                .setRttMaxMs(22.1)
                .setBandwidthMbps(812.3)
                .setBufferedPackets(114)
                .setBufferedBytes(150_024)
                .setBufferedMs(119)
                .setFreeBufferBytes(12_000_000)
                .setLatencyMs(120)
                .setReorderTolerancePackets(4)
                .setReorderDistancePackets(2)
                .setConnectedMs(seconds * 1_000)
                .build();
    }
}
