package live.mirror.receive.srt;

import live.mirror.stream.Definition;

import java.util.Optional;

/**
 * What a publisher is granted: its definition's word where there is one, the worker's settings
 * otherwise.
 *
 * @param keyBytes length of the encryption's key: 16, 24 or 32; 0 leaves it to the publisher
 * @param latencyMs the receiver's latency, in milliseconds
 * @param maxLatencyMs largest latency that the publisher may ask for, in milliseconds
 * @param immediate whether packets are handed on as soon as they are in order
 * @param sizes of the connection, by the bitrate to expect
 * @param peerIdleMs silence after which it counts as lost, in milliseconds
 * @param reorderPackets how far packets may come out of order before a gap is reported
 * @param packetFilter what its packet filter has to fit; empty takes any
 */
record Terms(
        int keyBytes,
        int latencyMs,
        int maxLatencyMs,
        boolean immediate,
        BufferSizes sizes,
        int peerIdleMs,
        int reorderPackets,
        String packetFilter) {

    static Terms of(Optional<Definition> definition, SrtSettings settings) {
        Definition.Srt srt = definition.map(Definition::srt).orElse(Definition.Srt.DEFAULT);
        SrtSettings.Media media = settings.media();
        int latencyMs = orElse(srt.latencyMs(), Math.toIntExact(media.latency().toMillis()));
        return new Terms(
                orElse(srt.keyBytes(), settings.encryption().keyBytes()),
                latencyMs,
                orElse(srt.maxLatencyMs(), Math.toIntExact(media.maxLatency().toMillis())),
                srt.immediate() || media.immediate(),
                definition
                        .map(Definition::expectedKbps)
                        .filter(kbps -> kbps > 0)
                        .map(kbps -> BufferSizes.forBitrate(kbps, latencyMs, media.payloadBytes()))
                        .orElseGet(() -> media.sizes(latencyMs)),
                orElse(srt.peerIdleMs(), Math.toIntExact(media.peerIdle().toMillis())),
                orElse(srt.reorderPackets(), media.reorderPackets()),
                srt.packetFilter().isEmpty() ? media.packetFilter() : srt.packetFilter());
    }

    private static int orElse(int laidDown, int setting) {
        return laidDown > 0 ? laidDown : setting;
    }
}
