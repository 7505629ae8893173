package live.mirror.receive.srt;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;

import java.time.Duration;

/**
 * How this worker takes streams in over SRT.
 *
 * @param listen UDP address; {@code srt.listen}, default 0.0.0.0:30000
 * @param library file name of libsrt; {@code srt.library}, default empty: the first of Debian's
 *     flavours that is installed
 * @param tick how often readable connections are looked for; {@code srt.tick}, 1 to 20 ms, default
 *     5 ms. Half of it is added to the delay; smaller costs CPU
 * @param latency receiver's latency, the larger of both sides counts; {@code srt.latency}, 20 ms to
 *     8 s, default 120 ms
 * @param flowWindowPackets packets that may be under way; {@code srt.flow-window}, 256 to 204,800,
 *     default 25,600
 * @param receiveBufferBytes libsrt's buffer per connection; {@code srt.receive-buffer}, 128 KiB to
 *     256 MiB, default 12 MiB
 * @param udpReceiveBufferBytes asked from the system per port, which grants at most {@code
 *     net.core.rmem_max}; {@code srt.udp-receive-buffer}, 64 KiB to 256 MiB, default 32 MiB
 * @param payloadBytes largest payload; {@code srt.payload}, 188 to 1,456, default 1,316 (seven
 *     MPEG-TS packets)
 * @param peerIdle silence after which a publisher counts as lost; {@code srt.peer-idle}, 1 to 60 s,
 *     default 5 s
 * @param reorderPackets how far packets may come out of order before a gap is reported; {@code
 *     srt.reorder-tolerance}, 0 to 1,000, default 0
 */
public record SrtSettings(
        HostPort listen,
        String library,
        Duration tick,
        Duration latency,
        int flowWindowPackets,
        int receiveBufferBytes,
        int udpReceiveBufferBytes,
        int payloadBytes,
        Duration peerIdle,
        int reorderPackets) {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** Reads the settings below {@code srt}. */
    public static SrtSettings read(SettingsReader settings) {
        return new SrtSettings(
                settings.address("srt.listen", "0.0.0.0:30000"),
                settings.text("srt.library", ""),
                settings.duration("srt.tick", millis(5), millis(1), millis(20)),
                settings.duration("srt.latency", millis(120), millis(20), millis(8_000)),
                settings.integer("srt.flow-window", 25_600, 256, 204_800),
                bytes(settings, "srt.receive-buffer", 12 * MIB, 128 * KIB),
                bytes(settings, "srt.udp-receive-buffer", 32 * MIB, 64 * KIB),
                settings.integer("srt.payload", 1_316, 188, 1_456),
                settings.duration("srt.peer-idle", millis(5_000), millis(1_000), millis(60_000)),
                settings.integer("srt.reorder-tolerance", 0, 0, 1_000));
    }

    SrtListenOptions listenOptions() {
        return new SrtListenOptions(
                Math.toIntExact(latency.toMillis()),
                flowWindowPackets,
                receiveBufferBytes,
                udpReceiveBufferBytes,
                payloadBytes,
                Math.toIntExact(peerIdle.toMillis()),
                reorderPackets);
    }

    private static int bytes(SettingsReader settings, String key, int fallback, int min) {
        return Math.toIntExact(settings.bytes(key, fallback, min, 256 * MIB));
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
