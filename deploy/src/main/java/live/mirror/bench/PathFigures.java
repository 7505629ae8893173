package live.mirror.bench;

import java.util.Locale;

/**
 * What one server did under one load.
 *
 * @param delivered messages to all readers together
 * @param missing messages that were sent and not delivered
 * @param wrong messages with a wrong byte or out of order
 * @param coldMissing what was missing before it was warm
 * @param p50Ms delay from the publisher's send to the reader
 * @param p99Ms the same, 99th percentile
 * @param serverSeconds CPU seconds of the server per delivered gigabyte
 * @param readerSeconds CPU seconds of all readers per delivered gigabyte
 */
record PathFigures(
        long delivered,
        long missing,
        long wrong,
        long coldMissing,
        double p50Ms,
        double p99Ms,
        double serverSeconds,
        double readerSeconds) {

    static final String HEADING =
            "server      streams Mb/s readers  delivered missing wrong | cold: missing | p50-ms"
                    + " p99-ms server-s/GB readers-s/GB";

    /** A line below the heading. */
    String line(String server, PathLoad load) {
        return String.format(
                Locale.ROOT,
                "%-11s %7d %4d %7d %,10d %7d %5d | %13d | %6.1f %6.1f %11.2f %12.2f",
                server,
                load.streams(),
                load.mbps(),
                load.readers(),
                delivered,
                missing,
                wrong,
                coldMissing,
                p50Ms,
                p99Ms,
                serverSeconds,
                readerSeconds);
    }
}
