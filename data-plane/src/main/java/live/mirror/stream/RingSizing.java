package live.mirror.stream;

import live.mirror.settings.SettingsReader;

import java.time.Duration;

/**
 * How large a stream's ring is: so many seconds of its reserved bitrate, rounded up to a power of
 * two, within bounds.
 *
 * @param length how much media a ring holds; {@code ring.length}, 1 s to 10 min, default 4 s
 * @param minBytes smallest ring; {@code ring.min-bytes}, 1 MiB to 1 GiB, default 4 MiB
 * @param maxBytes largest ring; {@code ring.max-bytes}, 1 MiB to 1 GiB, default 256 MiB
 * @param maxTotalBytes memory of all rings, above which no new stream is admitted; {@code
 *     ring.max-total}, 1 MiB to 1 TiB, default 4 GiB
 */
public record RingSizing(Duration length, long minBytes, long maxBytes, long maxTotalBytes) {

    private static final long MIB = 1 << 20;

    /** With as many rings as there are streams. */
    public RingSizing(Duration length, long minBytes, long maxBytes) {
        this(length, minBytes, maxBytes, Long.MAX_VALUE);
    }

    /** Reads the settings below {@code ring}. */
    public static RingSizing read(SettingsReader settings) {
        RingSizing sizing =
                new RingSizing(
                        settings.duration(
                                "ring.length",
                                Duration.ofSeconds(4),
                                Duration.ofSeconds(1),
                                Duration.ofMinutes(10)),
                        settings.bytes("ring.min-bytes", 4 * MIB, MIB, 1024 * MIB),
                        settings.bytes("ring.max-bytes", 256 * MIB, MIB, 1024 * MIB),
                        settings.bytes("ring.max-total", 4096 * MIB, MIB, 1024 * 1024 * MIB));
        if (sizing.minBytes() > sizing.maxBytes()) {
            settings.problem(
                    "ring.min-bytes", Long.toString(sizing.minBytes()), "at most ring.max-bytes");
        }
        return sizing;
    }

    /** Ring size in bytes for a stream of this bitrate. */
    public long capacityBytes(long kbps) {
        // Kilobits per second are bytes per 8 ms.
        long wanted = Math.clamp(kbps * length.toMillis() / 8, minBytes, maxBytes);
        long power = Long.highestOneBit(wanted);
        return power == wanted ? power : power << 1;
    }
}
