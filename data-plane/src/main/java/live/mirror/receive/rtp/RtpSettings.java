package live.mirror.receive.rtp;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;

import java.time.Duration;

/**
 * How RTP is received.
 *
 * @param listen where sources send to; RTCP comes to the next port; {@code rtp.listen}, default
 *     0.0.0.0:5004, port 0 lets the system choose both
 * @param open whether a source that no definition names becomes the stream {@code rtp_<ssrc>};
 *     {@code rtp.open}, default true
 * @param tick how often sockets are emptied; {@code rtp.tick}, 200 us to 20 ms, default 1 ms
 * @param receiveBufferBytes SO_RCVBUF asked for on each media socket; {@code rtp.receive-buffer},
 *     64 KiB to 1 GiB, default 32 MiB
 * @param maxDatagramBytes the longest datagram taken; {@code rtp.max-datagram}, 1,500 to 65,536,
 *     default 2,048
 * @param reorderTime how long a packet waits at most for a missing one; {@code rtp.reorder-time}, 0
 *     s to 10 s, default 50 ms
 * @param reorderPackets how many packets wait at most, rounded up to a power of two; {@code
 *     rtp.reorder-packets}, 1 to 32,768, default 64
 * @param sourceSilence how long a source has to be silent before another may take its place; {@code
 *     rtp.source-silence}, 100 ms to 1 h, default 2 s
 * @param idle how long a session lasts without a packet; {@code rtp.idle}, 1 s to 1 h, default 60 s
 * @param askAgain how long a refused source waits before it is considered again; {@code
 *     rtp.ask-again}, 1 s to 1 h, default 5 s
 * @param maxSources sessions at one time; {@code rtp.max-sources}, 1 to 100,000, default 1,000
 * @param backlogBytes how much one session may keep while its claim is decided; {@code
 *     rtp.backlog}, 256 KiB to 256 MiB, default 16 MiB
 * @param rtcpInterval mean time between receiver reports; {@code rtp.rtcp-interval}, 100 ms to 5
 *     min, default 5 s (RFC 3550 section 6.2)
 */
public record RtpSettings(
        HostPort listen,
        boolean open,
        Duration tick,
        int receiveBufferBytes,
        int maxDatagramBytes,
        Duration reorderTime,
        int reorderPackets,
        Duration sourceSilence,
        Duration idle,
        Duration askAgain,
        int maxSources,
        int backlogBytes,
        Duration rtcpInterval) {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final Duration HOUR = Duration.ofHours(1);

    /** Reads the settings below {@code rtp}. */
    public static RtpSettings read(SettingsReader settings) {
        return new RtpSettings(
                settings.address("rtp.listen", "0.0.0.0:5004"),
                settings.flag("rtp.open", true),
                settings.duration(
                        "rtp.tick",
                        Duration.ofMillis(1),
                        Duration.ofNanos(200_000),
                        Duration.ofMillis(20)),
                (int) settings.bytes("rtp.receive-buffer", 32 * MIB, 64 * KIB, 1024 * MIB),
                (int) settings.bytes("rtp.max-datagram", 2 * KIB, 1500, 64 * KIB),
                settings.duration(
                        "rtp.reorder-time",
                        Duration.ofMillis(50),
                        Duration.ZERO,
                        Duration.ofSeconds(10)),
                settings.integer("rtp.reorder-packets", 64, 1, 32_768),
                settings.duration(
                        "rtp.source-silence", Duration.ofSeconds(2), Duration.ofMillis(100), HOUR),
                settings.duration("rtp.idle", Duration.ofSeconds(60), Duration.ofSeconds(1), HOUR),
                settings.duration(
                        "rtp.ask-again", Duration.ofSeconds(5), Duration.ofSeconds(1), HOUR),
                settings.integer("rtp.max-sources", 1_000, 1, 100_000),
                (int) settings.bytes("rtp.backlog", 16 * MIB, 256 * KIB, 256 * MIB),
                settings.duration(
                        "rtp.rtcp-interval",
                        Duration.ofSeconds(5),
                        Duration.ofMillis(100),
                        Duration.ofMinutes(5)));
    }
}
