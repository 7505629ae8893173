package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.stream.Admission;
import live.mirror.stream.Decision;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Offer;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;

/**
 * A gate for the rehearsal before a port is opened: the same code with made-up definitions and
 * places for what it counts, so that every way through it is compiled when the first caller comes
 * and nothing of it is told to anybody. A cold gate took 25 to 50 ms over its first caller, and
 * what the first handshake of a stream waits is added to the stream's delay for good.
 */
final class Rehearsal {

    private static final String KEY = "rehearsal-key";

    /**
     * Stream ids that lead through the gate in every way: let in, and refused for each reason; with
     * every kind of character, since a branch never taken is compiled as one that is not there.
     */
    static final List<String> STREAM_IDS =
            List.of(
                    "#!::r=rehearsal,m=publish,s=" + KEY,
                    "rehearsal/Plain-1_a.b~2?token=x",
                    "publish:rehearsal:user:wrong-key",
                    "rehearsal,mode:publish,token:" + Admission.TOKEN_PREFIX + "none",
                    "%23!%3A%3Ar=rehearsal/unknown",
                    "#!::r=rehearsal,m=request",
                    "not a stream id");

    private Rehearsal() {}

    /**
     * A gate of which nothing counts.
     *
     * @param admission is asked like the real gate would, and its word ignored
     */
    static IngestGate gate(SrtSettings settings, Admission admission, InstantSource clock) {
        Definitions definitions = new Definitions();
        definitions.replace(
                true,
                List.of(
                        new Definition(
                                new StreamId("rehearsal"),
                                false,
                                Protocol.PROTOCOL_SRT,
                                KEY,
                                Definition.Takeover.SAME_CREDENTIAL,
                                1_000,
                                new Definition.Srt(
                                        "rehearsal-passphrase",
                                        16,
                                        120,
                                        8_000,
                                        true,
                                        5_000,
                                        10,
                                        "fec",
                                        0)),
                        Definition.of(new StreamId("rehearsal/Plain-1_a.b~2"))));
        return new IngestGate(
                settings.withGuards(
                        new SrtSettings.Guards(10_000, 10_000, Duration.ofSeconds(1), 65_536)),
                new Ignored(admission),
                new LiveStreams(new RingSizing(Duration.ZERO, 0, 0), clock),
                definitions,
                new Refusals(),
                clock);
    }

    private record Ignored(Admission real) implements Admission {

        @Override
        public Reason gate(StreamId id, Protocol protocol, InetSocketAddress source) {
            real.gate(id, protocol, source);
            return Reason.REASON_UNSPECIFIED;
        }

        @Override
        public Reason token(StreamId id, String token) {
            return real.token(id, token);
        }

        @Override
        public Decision claim(Offer offer) {
            throw new IllegalStateException("nobody is accepted in a rehearsal");
        }
    }
}
