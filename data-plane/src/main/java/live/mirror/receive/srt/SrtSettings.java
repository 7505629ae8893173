package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How this worker takes streams in over SRT.
 *
 * @param listen UDP address; {@code srt.listen}, default 0.0.0.0:30000
 * @param boundTo the stream that a caller without a stream id publishes there; {@code srt.stream},
 *     default none
 * @param morePorts further ports on the same host, each as {@code port} or {@code port=stream-id};
 *     {@code srt.more-ports}, separated by commas, default none
 * @param shards sockets with a receive thread each that share every port; {@code srt.shards}, 1 to
 *     16, default 1
 * @param filter whether the kernel drops what an ingest port has no use for; {@code srt.filter},
 *     default true
 * @param library file name of libsrt; {@code srt.library}, default empty: the first of Debian's
 *     flavours that is installed
 * @param tick how often readable connections are looked for; {@code srt.tick}, 1 to 20 ms, default
 *     2 ms. Half of it is added to the delay; smaller costs CPU
 * @param media what is granted to a publisher
 * @param encryption who has to encrypt, and with what
 * @param guards against those who only want to harm
 */
public record SrtSettings(
        HostPort listen,
        Optional<StreamId> boundTo,
        List<BoundPort> morePorts,
        int shards,
        boolean filter,
        String library,
        Duration tick,
        Media media,
        Encryption encryption,
        Guards guards) {

    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;
    private static final Pattern PORT = Pattern.compile("(\\d{1,5})(?:=(.+))?");

    /** A port and the stream that it stands for, if it does. */
    public record BoundPort(int port, Optional<StreamId> boundTo) {}

    /**
     * What is granted to a publisher for which no definition says otherwise.
     *
     * @param latency receiver's latency, the larger of both sides counts; {@code srt.latency}, 20
     *     ms to 8 s, default 120 ms
     * @param maxLatency a publisher that asks for more is refused; {@code srt.max-latency}, 20 ms
     *     to 60 s, default 8 s
     * @param immediate whether packets are handed on as soon as they are in order ({@code
     *     immediate}) or each at its time ({@code paced}); {@code srt.timing}, default paced
     * @param flowWindowPackets packets that may be under way, and with them the memory per
     *     connection (30 bytes each); {@code srt.flow-window}, 256 to 204,800, default 25,600
     * @param receiveBufferBytes libsrt's buffer per connection; {@code srt.receive-buffer}, 128 KiB
     *     to 256 MiB, default 12 MiB
     * @param udpReceiveBufferBytes asked from the system per socket, which grants at most {@code
     *     net.core.rmem_max}; {@code srt.udp-receive-buffer}, 64 KiB to 256 MiB, default 32 MiB
     * @param payloadBytes largest payload; {@code srt.payload}, 188 to 1,456, default 1,316 (seven
     *     MPEG-TS packets)
     * @param inputKbps expected bitrate of a stream, for sizing and warnings; {@code
     *     srt.input-bandwidth}, 0 to 1,000,000 kilobits per second, default 0: not known, and the
     *     flow window and the receive buffer are those above
     * @param maxBandwidthPercent largest bandwidth on our sending side, of the expected bitrate;
     *     {@code srt.max-bandwidth-percent}, 100 to 1,000, default 120
     * @param peerIdle silence after which a publisher counts as lost; {@code srt.peer-idle}, 5 to
     *     60 s, default 5 s; less has no effect (libsrt waits for 16 of its own time-outs of 300 ms
     *     first, core.cpp, checkExpTimer)
     * @param reorderPackets how far packets may come out of order before a gap is reported; {@code
     *     srt.reorder-tolerance}, 0 to 1,000, default 0
     * @param packetFilter what a publisher's packet filter (FEC) has to fit; {@code
     *     srt.packet-filter}, default empty: any with figures of up to three digits
     */
    public record Media(
            Duration latency,
            Duration maxLatency,
            boolean immediate,
            int flowWindowPackets,
            int receiveBufferBytes,
            int udpReceiveBufferBytes,
            int payloadBytes,
            long inputKbps,
            int maxBandwidthPercent,
            Duration peerIdle,
            int reorderPackets,
            String packetFilter) {

        /** How large a connection of this latency is made when nobody says more of its bitrate. */
        public BufferSizes sizes(int latencyMs) {
            return inputKbps > 0
                    ? BufferSizes.forBitrate(inputKbps, latencyMs, payloadBytes)
                    : new BufferSizes(flowWindowPackets, receiveBufferBytes);
        }
    }

    /**
     * Who has to encrypt, and with what, where no definition says otherwise.
     *
     * @param passphrase of every stream; {@code srt.passphrase}, 10 to 79 characters, default none
     * @param keyBytes {@code srt.key-bytes}, 16, 24 or 32, default 0: as the publisher likes
     * @param masterSecret from which each stream's own passphrase is derived; {@code
     *     srt.passphrase-master}, 16 characters or more, default none
     * @param masterVersion goes into the derivation, so that passphrases can be changed; {@code
     *     srt.passphrase-version}, 1 to 1,000,000, default 1
     * @param enforced whether a publisher without the right key is refused; {@code
     *     srt.enforce-encryption}, default true
     */
    public record Encryption(
            String passphrase,
            int keyBytes,
            String masterSecret,
            int masterVersion,
            boolean enforced) {

        /** Without the secrets, which belong in no log. */
        @Override
        public String toString() {
            return "Encryption[passphrase "
                    + (passphrase.isEmpty() ? "not set" : "set")
                    + ", keyBytes "
                    + keyBytes
                    + ", master secret "
                    + (masterSecret.isEmpty() ? "not set" : "set")
                    + ", enforced "
                    + enforced
                    + "]";
        }
    }

    /**
     * Guards against those who only want to harm.
     *
     * @param failuresPerSecond failed attempts that a source is forgiven each second; {@code
     *     srt.failures-per-second}, 1 to 10,000, default 5
     * @param failureBurst failed attempts at once; {@code srt.failure-burst}, 1 to 10,000, default
     *     10
     * @param ban how long a source that exceeds them is shut out; {@code srt.ban}, 1 s to 1 h,
     *     default 10 s
     * @param maxPending handshakes between gate and accept; {@code srt.max-pending}, 16 to 65,536,
     *     default 1,024
     */
    public record Guards(int failuresPerSecond, int failureBurst, Duration ban, int maxPending) {}

    /** How packets are handed on. */
    enum Timing {
        PACED,
        IMMEDIATE
    }

    /** The same with other guards. */
    SrtSettings withGuards(Guards others) {
        return new SrtSettings(
                listen,
                boundTo,
                morePorts,
                shards,
                filter,
                library,
                tick,
                media,
                encryption,
                others);
    }

    /** Reads the settings below {@code srt}. */
    public static SrtSettings read(SettingsReader settings) {
        return new SrtSettings(
                settings.address("srt.listen", "0.0.0.0:30000"),
                stream(settings, "srt.stream", settings.text("srt.stream", "")),
                ports(settings),
                settings.integer("srt.shards", 1, 1, 16),
                settings.flag("srt.filter", true),
                settings.text("srt.library", ""),
                settings.duration("srt.tick", millis(2), millis(1), millis(20)),
                media(settings),
                encryption(settings),
                guards(settings));
    }

    private static Media media(SettingsReader settings) {
        Media media =
                new Media(
                        settings.duration("srt.latency", millis(120), millis(20), millis(8_000)),
                        settings.duration(
                                "srt.max-latency", millis(8_000), millis(20), millis(60_000)),
                        settings.choice("srt.timing", Timing.PACED) == Timing.IMMEDIATE,
                        settings.integer("srt.flow-window", 25_600, 256, 204_800),
                        bytes(settings, "srt.receive-buffer", 12 * MIB, 128 * KIB),
                        bytes(settings, "srt.udp-receive-buffer", 32 * MIB, 64 * KIB),
                        settings.integer("srt.payload", 1_316, 188, 1_456),
                        settings.number("srt.input-bandwidth", 0, 0, 1_000_000),
                        settings.integer("srt.max-bandwidth-percent", 120, 100, 1_000),
                        settings.duration(
                                "srt.peer-idle", millis(5_000), millis(5_000), millis(60_000)),
                        settings.integer("srt.reorder-tolerance", 0, 0, 1_000),
                        settings.text("srt.packet-filter", ""));
        if (media.maxLatency().compareTo(media.latency()) < 0) {
            settings.problem(
                    "srt.max-latency",
                    media.maxLatency().toMillis() + "ms",
                    "at least srt.latency");
        }
        return media;
    }

    private static Encryption encryption(SettingsReader settings) {
        return new Encryption(
                settings.text(
                        "srt.passphrase",
                        "",
                        text -> text.isEmpty() || (text.length() >= 10 && text.length() <= 79),
                        "10 to 79 characters"),
                Integer.parseInt(
                        settings.text(
                                "srt.key-bytes",
                                "0",
                                List.of("0", "16", "24", "32")::contains,
                                "0, 16, 24 or 32")),
                settings.text(
                        "srt.passphrase-master",
                        "",
                        text -> text.isEmpty() || text.length() >= 16,
                        "16 characters or more"),
                settings.integer("srt.passphrase-version", 1, 1, 1_000_000),
                settings.flag("srt.enforce-encryption", true));
    }

    private static Guards guards(SettingsReader settings) {
        return new Guards(
                settings.integer("srt.failures-per-second", 5, 1, 10_000),
                settings.integer("srt.failure-burst", 10, 1, 10_000),
                settings.duration("srt.ban", millis(10_000), millis(1_000), millis(3_600_000)),
                settings.integer("srt.max-pending", 1_024, 16, 65_536));
    }

    private static List<BoundPort> ports(SettingsReader settings) {
        List<BoundPort> ports = new ArrayList<>();
        String text = settings.text("srt.more-ports", "");
        for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
            Matcher matcher = PORT.matcher(part.strip());
            if (matcher.matches() && Integer.parseInt(matcher.group(1)) <= 65_535) {
                String id = matcher.group(2) == null ? "" : matcher.group(2);
                ports.add(
                        new BoundPort(
                                Integer.parseInt(matcher.group(1)),
                                stream(settings, "srt.more-ports", id)));
            } else {
                settings.problem(
                        "srt.more-ports",
                        part,
                        "ports separated by commas, each as 30001 or 30001=stream-id");
            }
        }
        return List.copyOf(ports);
    }

    private static Optional<StreamId> stream(SettingsReader settings, String key, String text) {
        if (!text.isEmpty() && !StreamId.isValid(text)) {
            settings.problem(key, text, StreamId.RULE);
        }
        return StreamId.parse(text);
    }

    private static int bytes(SettingsReader settings, String key, int fallback, int min) {
        return Math.toIntExact(settings.bytes(key, fallback, min, 256 * MIB));
    }

    private static Duration millis(long millis) {
        return Duration.ofMillis(millis);
    }
}
