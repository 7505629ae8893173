package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.v1.Reason;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What a caller asks for with its SRT stream id, in all the ways in which encoders write it. Pure;
 * any thread.
 *
 * <pre>
 *   #!::r=live/cam1,m=publish,u=joe   the standard form (SRT access control); other keys may stand between
 *   #!::h=live/cam1,m=publish         the same as SRS once documented it, resource in the host key
 *   live/cam1                         the plain form
 *   publish/cam1, publish:cam1:u:p    mode in front
 *   cam1,mode:publish,token:x         datarhei's form
 *   live/cam1?token=x                 the credential behind a question mark, in any form
 *   %23!%3A%3Ar%3Dcam1                any of them percent-encoded, once or twice
 * </pre>
 *
 * By the letter of the standard a missing mode means {@code request}; on a port where streams are
 * published it means publish.
 */
public sealed interface PublishRequest {

    /**
     * The caller wants to publish.
     *
     * @param id which stream
     * @param user who it says it is; empty when it does not
     * @param credential the token or password that it shows; empty when it shows none
     * @param dialect how the stream id was written
     */
    record Publish(StreamId id, String user, String credential, Dialect dialect)
            implements PublishRequest {

        /** Without the credential, which belongs in no log. */
        @Override
        public String toString() {
            return "publish " + id + " (" + dialect + ")";
        }
    }

    /**
     * The stream id can't be served.
     *
     * @param reason knows its SRT code
     * @param why one sentence for people
     * @param read what was taken for the id, without what may be a credential, shortened and with
     *     odd characters replaced; empty when there was nothing
     */
    record Refused(Reason reason, String why, String read) implements PublishRequest {

        private static final int MAX_READ = 128;
        private static final Pattern BEHIND_THE_ID = Pattern.compile("[:?&=,].*", Pattern.DOTALL);
        private static final Pattern ODD = Pattern.compile("[^ A-Za-z0-9._~/-]");

        static Refused of(Reason reason, String why, String resource) {
            String id = BEHIND_THE_ID.matcher(resource).replaceFirst("");
            String shortened = id.substring(0, Math.min(id.length(), MAX_READ));
            return new Refused(reason, why, ODD.matcher(shortened).replaceAll("?"));
        }
    }

    /** How a stream id was written. */
    enum Dialect {
        /** {@code #!::key=value,…}. */
        STANDARD,
        /** The id alone. */
        PLAIN,
        /** The mode in front of the id. */
        MODE_FIRST,
        /** {@code id,key:value,…}. */
        ID_FIRST,
        /** None was sent: the port stands for the stream. */
        PORT
    }

    /** The request of a caller without a stream id at a port that stands for a stream. */
    static PublishRequest ofPort(StreamId id) {
        return new Publish(id, "", "", Dialect.PORT);
    }

    /** Reads a stream id as it came over the wire. */
    static PublishRequest parse(byte[] bytes, int length) {
        return parse(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    /** Reads a stream id. */
    static PublishRequest parse(String streamId) {
        String text = PercentEncoding.decode(PercentEncoding.decode(streamId)).strip();
        if (text.isEmpty()) {
            return new Refused(Reason.REASON_BAD_STREAM_ID, "no stream id was sent", "");
        }
        StreamIdFields fields = new StreamIdFields();
        String problem = fields.read(text);
        if (!problem.isEmpty()) {
            return Refused.of(Reason.REASON_BAD_STREAM_ID, problem, fields.resource);
        }
        return switch (fields.mode) {
            case "", "publish" -> publish(fields);
            case "request", "read", "play", "bidirectional" ->
                    Refused.of(
                            Reason.REASON_WRONG_MODE,
                            "mode " + fields.mode + ", but this port takes publishers",
                            fields.resource);
            // The word itself is the caller's and not repeated: it may be anything.
            default -> Refused.of(Reason.REASON_WRONG_MODE, "an unknown mode", fields.resource);
        };
    }

    private static PublishRequest publish(StreamIdFields fields) {
        if (!fields.type.isEmpty() && !fields.type.equals("stream")) {
            return Refused.of(
                    Reason.REASON_UNACCEPTABLE, "a type other than stream", fields.resource);
        }
        if (!StreamId.isValid(fields.resource)) {
            return Refused.of(Reason.REASON_BAD_STREAM_ID, StreamId.RULE, fields.resource);
        }
        return new Publish(
                new StreamId(fields.resource), fields.user, fields.credential, fields.dialect);
    }
}
