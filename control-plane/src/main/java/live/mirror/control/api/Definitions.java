package live.mirror.control.api;

import live.mirror.contract.StreamId;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

/** What may stand in a definition, and what of it comes out again. Pure. */
final class Definitions {

    private static final String KEY = "[\\x21-\\x2b\\x2d-\\x7e]{8,128}";
    private static final String PASSPHRASE = "[\\x20-\\x7e]{10,79}";

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
        return definition.toBuilder()
                .clearVersion()
                .clearUpdatedAt()
                .clearPublishKeySet()
                .clearPassphraseSet()
                .build();
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
