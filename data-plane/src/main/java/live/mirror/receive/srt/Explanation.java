package live.mirror.receive.srt;

import live.mirror.contract.Reasons;
import live.mirror.v1.ExplainIngestResponse;
import live.mirror.v1.StreamIdDialect;

/** Writes what the gate makes of a publisher in the contract's words. Pure. */
final class Explanation {

    private Explanation() {}

    static ExplainIngestResponse of(PublishRequest request, Verdict verdict) {
        ExplainIngestResponse.Builder told = ExplainIngestResponse.newBuilder();
        if (request
                instanceof
                PublishRequest.Publish(
                        var id,
                        String user,
                        String credential,
                        PublishRequest.Dialect dialect)) {
            told.setStreamId(id.value())
                    .setUser(user)
                    .setCredentialShown(!credential.isEmpty())
                    .setDialect(told(dialect));
        }
        switch (verdict) {
            case Verdict.Refuse refuse ->
                    told.setReason(refuse.reason())
                            .setSrtCode(Reasons.srtCode(refuse.reason()))
                            .setDetail(refuse.detail());
            case Verdict.Pass pass ->
                    told.setDetail(
                                    pass.evicts()
                                            ? "let in; the present publisher has to leave"
                                            : "let in, if the control plane agrees")
                            .setEncryptionRequired(pass.passphrase().isPresent())
                            .setKeyBytes(pass.terms().keyBytes())
                            .setLatencyMs(pass.terms().latencyMs())
                            .setMaxLatencyMs(pass.terms().maxLatencyMs())
                            .setImmediate(pass.terms().immediate());
        }
        return told.build();
    }

    private static StreamIdDialect told(PublishRequest.Dialect dialect) {
        return switch (dialect) {
            case STANDARD -> StreamIdDialect.STREAM_ID_DIALECT_STANDARD;
            case PLAIN -> StreamIdDialect.STREAM_ID_DIALECT_PLAIN;
            case MODE_FIRST -> StreamIdDialect.STREAM_ID_DIALECT_MODE_FIRST;
            case ID_FIRST -> StreamIdDialect.STREAM_ID_DIALECT_ID_FIRST;
            case PORT -> StreamIdDialect.STREAM_ID_DIALECT_PORT;
        };
    }
}
