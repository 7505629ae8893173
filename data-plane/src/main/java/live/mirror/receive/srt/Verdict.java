package live.mirror.receive.srt;

import live.mirror.stream.Definition;
import live.mirror.v1.Reason;

import java.util.Optional;

/** What the gate makes of a caller. */
sealed interface Verdict {

    /**
     * It may come in.
     *
     * @param request what it asked for
     * @param definition what is laid down for the stream
     * @param terms what it is granted
     * @param passphrase that it has to have; empty when it publishes in the clear
     * @param evicts whether a live publisher has to leave for it
     */
    record Pass(
            PublishRequest.Publish request,
            Optional<Definition> definition,
            Terms terms,
            Optional<byte[]> passphrase,
            boolean evicts)
            implements Verdict {}

    /**
     * It may not.
     *
     * @param streamId as it was read; empty when it could not be
     * @param reason knows its SRT code
     * @param detail one sentence for people
     */
    record Refuse(String streamId, Reason reason, String detail) implements Verdict {}
}
