package live.mirror.stream;

import live.mirror.contract.StreamId;
import live.mirror.v1.Protocol;
import live.mirror.v1.PullSource;
import live.mirror.v1.RtpIngest;

import java.util.Optional;

/**
 * What an operator laid down for a stream, as far as its publisher is concerned. Immutable; the
 * gate reads it.
 *
 * @param id which stream
 * @param disabled whether publishers are refused
 * @param protocol the only one that is taken; UNSPECIFIED takes any
 * @param publishKey what a publisher has to show; empty asks for nothing
 * @param takeover who may have the place of a live publisher
 * @param expectedKbps bitrate to reserve, in kilobits per second; 0 takes the default
 * @param srt what concerns SRT alone
 * @param rtp how it is received by RTP
 * @param pull where it is fetched; empty where publishers come
 */
public record Definition(
        StreamId id,
        boolean disabled,
        Protocol protocol,
        String publishKey,
        Takeover takeover,
        long expectedKbps,
        Srt srt,
        Optional<RtpIngest> rtp,
        Optional<PullSource> pull) {

    /** Publishers come, and nothing is laid down for RTP or a source to fetch. */
    public Definition(
            StreamId id,
            boolean disabled,
            Protocol protocol,
            String publishKey,
            Takeover takeover,
            long expectedKbps,
            Srt srt) {
        this(
                id,
                disabled,
                protocol,
                publishKey,
                takeover,
                expectedKbps,
                srt,
                Optional.empty(),
                Optional.empty());
    }

    /** Who may have the place of a publisher that is still there. */
    public enum Takeover {
        /** Whoever comes, once it has been silent for a second. */
        SILENT,
        /** As SILENT, and at once whoever shows the same publish key. */
        SAME_CREDENTIAL,
        /** Nobody. */
        NEVER
    }

    /**
     * What is laid down for a publisher over SRT.
     *
     * @param passphrase of the encryption, 10 to 79 characters; empty takes the worker's default
     * @param keyBytes 16, 24 or 32; 0 leaves it to the publisher
     * @param latencyMs receiver's latency in milliseconds; 0 takes the worker's default
     * @param maxLatencyMs largest latency that a publisher may ask for, in milliseconds; 0 takes
     *     the worker's bound
     * @param immediate whether packets are handed on as soon as they are in order, instead of at
     *     their time
     * @param peerIdleMs silence after which its publisher counts as lost, in milliseconds; 0 takes
     *     the worker's default
     * @param reorderPackets how many packets may come out of order before a gap is reported; 0
     *     takes the worker's default
     * @param packetFilter what the publisher's packet filter has to fit; empty takes the worker's
     *     default
     * @param passphraseVersion which version of the derived passphrase its publisher has to have; 0
     *     takes the worker's
     */
    public record Srt(
            String passphrase,
            int keyBytes,
            int latencyMs,
            int maxLatencyMs,
            boolean immediate,
            int peerIdleMs,
            int reorderPackets,
            String packetFilter,
            int passphraseVersion) {

        /** With the worker's word on how the connection is kept. */
        public Srt(
                String passphrase,
                int keyBytes,
                int latencyMs,
                int maxLatencyMs,
                boolean immediate) {
            this(passphrase, keyBytes, latencyMs, maxLatencyMs, immediate, 0, 0, "", 0);
        }

        /** Nothing laid down. */
        public static final Srt DEFAULT = new Srt("", 0, 0, 0, false);
    }

    /** A definition that lays down nothing but that the stream may be published. */
    public static Definition of(StreamId id) {
        return new Definition(
                id, false, Protocol.PROTOCOL_UNSPECIFIED, "", Takeover.SILENT, 0, Srt.DEFAULT);
    }
}
