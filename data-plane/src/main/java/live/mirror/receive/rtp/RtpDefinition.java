package live.mirror.receive.rtp;

import live.mirror.contract.StreamId;
import live.mirror.rtp.MediaFormat;

import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How one stream is received by RTP, as an operator has defined it.
 *
 * @param stream its id
 * @param ssrc the source expected; without it any source of a dedicated port is taken
 * @param legs dedicated ports, one or two that carry the same packets (SMPTE 2022-7); none: the
 *     stream comes to the shared port, and {@code ssrc} is needed
 * @param allowedSources the only hosts that may send; empty allows all
 * @param formats what dynamic payload types mean
 * @param parity whether parity of SMPTE 2022-1 comes to the ports + 2 (columns) and + 4 (rows)
 * @param reorderTime how long a packet waits for a missing one; empty takes the worker's setting
 * @param skew how far the legs may be apart, up to 450 ms; packets wait as long for the other leg
 * @param expectedKbps bitrate to reserve, in kilobits per second; 0 takes the default
 */
public record RtpDefinition(
        StreamId stream,
        OptionalInt ssrc,
        List<RtpLeg> legs,
        List<InetAddress> allowedSources,
        Map<Integer, MediaFormat> formats,
        boolean parity,
        Optional<Duration> reorderTime,
        Duration skew,
        long expectedKbps) {

    /** The largest skew that is bridged (SMPTE 2022-7 class C). */
    public static final Duration MAX_SKEW = Duration.ofMillis(450);

    /** Refuses what can't be received. */
    public RtpDefinition {
        legs = List.copyOf(legs);
        allowedSources = List.copyOf(allowedSources);
        formats = Map.copyOf(formats);
        if (legs.size() > 2) {
            throw new IllegalArgumentException("a stream has at most two legs");
        }
        if (legs.isEmpty() && ssrc.isEmpty()) {
            throw new IllegalArgumentException("a stream needs an SSRC or a port of its own");
        }
        if (legs.isEmpty() && parity) {
            throw new IllegalArgumentException("parity needs a port of its own");
        }
        if (skew.isNegative() || skew.compareTo(MAX_SKEW) > 0) {
            throw new IllegalArgumentException("the skew is 0 to 450 ms");
        }
        if (expectedKbps < 0) {
            throw new IllegalArgumentException("the expected bitrate is not negative");
        }
    }

    /** A stream on the shared port, known by its SSRC. */
    public static RtpDefinition bySsrc(StreamId stream, int ssrc) {
        return new RtpDefinition(
                stream,
                OptionalInt.of(ssrc),
                List.of(),
                List.of(),
                Map.of(),
                false,
                Optional.empty(),
                Duration.ZERO,
                0);
    }

    /** A stream with one port of its own, open to any source. */
    public static RtpDefinition onPort(StreamId stream, RtpLeg leg) {
        return new RtpDefinition(
                stream,
                OptionalInt.empty(),
                List.of(leg),
                List.of(),
                Map.of(),
                false,
                Optional.empty(),
                Duration.ZERO,
                0);
    }

    /** The same with these payload types. */
    public RtpDefinition withFormats(Map<Integer, MediaFormat> newFormats) {
        return new RtpDefinition(
                stream,
                ssrc,
                legs,
                allowedSources,
                newFormats,
                parity,
                reorderTime,
                skew,
                expectedKbps);
    }

    /** The same with parity on the ports + 2 and + 4. */
    public RtpDefinition withParity() {
        return new RtpDefinition(
                stream, ssrc, legs, allowedSources, formats, true, reorderTime, skew, expectedKbps);
    }

    /** The same with other legs. */
    public RtpDefinition withLegs(List<RtpLeg> newLegs, Duration newSkew) {
        return new RtpDefinition(
                stream,
                ssrc,
                newLegs,
                allowedSources,
                formats,
                parity,
                reorderTime,
                newSkew,
                expectedKbps);
    }

    /** Whether a host may send. */
    boolean allows(InetAddress source) {
        return allowedSources.isEmpty() || allowedSources.contains(source);
    }
}
