package live.mirror.control.api;

import live.mirror.contract.IpAddress;
import live.mirror.contract.StreamId;
import live.mirror.v1.Protocol;
import live.mirror.v1.PullSource;
import live.mirror.v1.Reason;
import live.mirror.v1.RtpIngest;
import live.mirror.v1.RtpIngestLeg;
import live.mirror.v1.SrtDefinition;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

import java.util.Set;

/** What may stand in a definition, and what of it comes out again. Pure. */
final class Definitions {

    static final String KEY = "[\\x21-\\x2b\\x2d-\\x7e]{8,128}";
    static final String PASSPHRASE = "[\\x20-\\x7e]{10,79}";

    static final String PACKET_FILTER = "fec(,[a-z]{1,16}:[a-z0-9-]{1,16}){0,8}";
    static final String HOST = "[A-Za-z0-9]([A-Za-z0-9._:-]{0,252})|:[0-9A-Fa-f:.]{1,44}";

    static final String REMOTE_ID = "[\\x20-\\x7e]{0,512}";

    private static final int MAX_SDP_LENGTH = 65_536;

    private Definitions() {}

    /** The definition as it is kept, or an {@link ApiException} that names what is wrong. */
    static StreamDefinition checked(StreamDefinition definition) {
        require(StreamId.isValid(definition.getId()), "id: " + StreamId.RULE);
        require(
                definition.getPublishKey().isEmpty() || definition.getPublishKey().matches(KEY),
                "publishKey: 8 to 128 printable ASCII characters without blank and comma");
        require(
                !definition.getPublishKey().startsWith("mt1."),
                "publishKey: what begins with mt1. is a token");
        require(
                definition.getPassphrase().isEmpty()
                        || definition.getPassphrase().matches(PASSPHRASE),
                "passphrase: 10 to 79 printable ASCII characters");
        require(
                definition.getExpectedKbps() >= 0 && definition.getExpectedKbps() <= 10_000_000,
                "expectedKbps: 0 to 10000000");
        require(definition.getProtocol() != Protocol.UNRECOGNIZED, "protocol: srt or rtp");
        require(
                definition.getTakeover() != TakeoverRule.UNRECOGNIZED,
                "takeover: SILENT, SAME_CREDENTIAL or NEVER");
        require(
                definition.getTakeover() != TakeoverRule.TAKEOVER_RULE_SAME_CREDENTIAL
                        || !definition.getPublishKey().isEmpty(),
                "takeover: SAME_CREDENTIAL needs a publishKey");
        require(
                !definition.getEndOnOvershoot() || definition.getExpectedKbps() > 0,
                "endOnOvershoot: needs expectedKbps");
        if (definition.hasReconnect()) {
            long delay = definition.getReconnect().getDelayMs();
            int attempts = definition.getReconnect().getMaxAttempts();
            require(delay >= 0 && delay <= 3_600_000, "reconnect.delayMs: 0 to 3600000");
            require(attempts >= 0 && attempts <= 1_000, "reconnect.maxAttempts: 0 to 1000");
        }
        if (definition.hasRtp()) {
            checkRtp(definition.getRtp());
        }
        checkSrt(definition.getSrt());
        StreamDefinition.Builder kept = definition.toBuilder();
        if (definition.hasPull()) {
            kept.setPull(checkedPull(definition));
        }
        return kept.clearVersion()
                .clearUpdatedAt()
                .clearPublishKeySet()
                .clearPassphraseSet()
                .build();
    }

    /** With what is not set as it is meant, so that workers need no defaults. */
    private static PullSource checkedPull(StreamDefinition definition) {
        require(
                definition.getProtocol() != Protocol.PROTOCOL_RTP && !definition.hasRtp(),
                "pull: only by SRT");
        require(definition.getPublishKey().isEmpty(), "pull: takes no publisher, so no publishKey");
        PullSource pull = definition.getPull();
        long min = pull.getBackoffMinMs() == 0 ? 500 : pull.getBackoffMinMs();
        long max = pull.getBackoffMaxMs() == 0 ? Math.max(30_000, min) : pull.getBackoffMaxMs();
        require(pull.getHost().matches(HOST), "pull.host: a name or an IP address");
        require(pull.getPort() >= 1 && pull.getPort() <= 65_535, "pull.port: 1 to 65535");
        require(
                pull.getStreamId().matches(REMOTE_ID),
                "pull.streamId: at most 512 printable ASCII characters");
        require(min >= 100 && min <= 60_000, "pull.backoffMinMs: 100 to 60000");
        require(
                max >= min && max <= 600_000,
                "pull.backoffMaxMs: at least backoffMinMs, at most 600000");
        require(
                pull.getMaxAttempts() >= 0 && pull.getMaxAttempts() <= 1_000_000,
                "pull.maxAttempts: 0 to 1000000");
        return pull.toBuilder().setBackoffMinMs(min).setBackoffMaxMs(max).build();
    }

    private static void checkRtp(RtpIngest rtp) {
        require(rtp.hasSsrc() || rtp.getLegsCount() > 0, "rtp: needs an ssrc or a leg");
        require(rtp.getLegsCount() <= 2, "rtp.legs: at most 2");
        require(!rtp.getParity() || rtp.getLegsCount() > 0, "rtp.parity: needs a leg");
        require(
                rtp.getSdp().length() <= MAX_SDP_LENGTH,
                "rtp.sdp: at most " + MAX_SDP_LENGTH + " characters");
        require(
                rtp.getReorderMs() >= 0 && rtp.getReorderMs() <= 10_000,
                "rtp.reorderMs: 0 to 10000");
        require(rtp.getSkewMs() >= 0 && rtp.getSkewMs() <= 450, "rtp.skewMs: 0 to 450");
        for (RtpIngestLeg leg : rtp.getLegsList()) {
            require(leg.getPort() >= 1 && leg.getPort() <= 65_530, "rtp.legs.port: 1 to 65530");
            require(isAddressOrEmpty(leg.getAddress()), "rtp.legs.address: an IP address");
            require(isAddressOrEmpty(leg.getGroup()), "rtp.legs.group: an IP address");
            require(
                    leg.getGroupSourcesList().stream().allMatch(IpAddress::looksLike),
                    "rtp.legs.groupSources: IP addresses");
        }
        require(
                rtp.getAllowedSourcesList().stream().allMatch(IpAddress::looksLike),
                "rtp.allowedSources: IP addresses");
    }

    private static boolean isAddressOrEmpty(String text) {
        return text.isEmpty() || IpAddress.looksLike(text);
    }

    private static void checkSrt(SrtDefinition srt) {
        require(Set.of(0, 16, 24, 32).contains(srt.getKeyBytes()), "srt.keyBytes: 16, 24 or 32");
        require(
                srt.getLatencyMs() == 0
                        || (srt.getLatencyMs() >= 20 && srt.getLatencyMs() <= 8_000),
                "srt.latencyMs: 20 to 8000");
        require(
                srt.getMaxLatencyMs() >= 0 && srt.getMaxLatencyMs() <= 8_000,
                "srt.maxLatencyMs: 0 to 8000");
        require(
                srt.getPeerIdleMs() == 0
                        || (srt.getPeerIdleMs() >= 5_000 && srt.getPeerIdleMs() <= 60_000),
                "srt.peerIdleMs: 5000 to 60000");
        require(
                srt.getReorderTolerancePackets() >= 0 && srt.getReorderTolerancePackets() <= 1_000,
                "srt.reorderTolerancePackets: 0 to 1000");
        require(
                srt.getPassphraseVersion() >= 0 && srt.getPassphraseVersion() <= 1_000_000,
                "srt.passphraseVersion: 0 to 1000000");
        require(
                srt.getPacketFilter().matches("|" + PACKET_FILTER),
                "srt.packetFilter: fec and its options, such as fec,cols:10,rows:5");
    }

    /** The definition without its secrets. */
    static StreamDefinition shown(StreamDefinition definition) {
        return definition.toBuilder()
                .setPublishKeySet(!definition.getPublishKey().isEmpty())
                .setPassphraseSet(!definition.getPassphrase().isEmpty())
                .clearPublishKey()
                .clearPassphrase()
                .build();
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, rule);
        }
    }
}
