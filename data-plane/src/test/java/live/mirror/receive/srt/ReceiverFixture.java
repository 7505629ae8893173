package live.mirror.receive.srt;

import static org.junit.jupiter.api.Assertions.assertThrows;

import live.mirror.contract.StreamId;
import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.receive.srt.libsrt.SrtCaller;
import live.mirror.ring.Batch;
import live.mirror.ring.RingReader;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.stream.RingSizing;
import live.mirror.v1.Protocol;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** A receiver on a free port of the loopback interface with everything that it needs. */
final class ReceiverFixture implements AutoCloseable {

    static final int MESSAGE_BYTES = 1_316;

    final LiveStreams streams =
            new LiveStreams(
                    new RingSizing(Duration.ofSeconds(4), 4 << 20, 64 << 20),
                    InstantSource.system());
    final FakeAdmission admission = new FakeAdmission(streams);
    final Definitions definitions = new Definitions();
    final Pulls pulls = new Pulls();
    final Refusals refusals = new Refusals();
    final SrtReceiver receiver;

    ReceiverFixture(Map<String, String> settings) {
        Map<String, String> values = new HashMap<>(Map.of("srt.listen", "127.0.0.1:0"));
        values.putAll(settings);
        SettingsReader reader = new SettingsReader(values);
        SrtSettings read = SrtSettings.read(reader);
        reader.finish(List.of("srt"));
        receiver =
                SrtReceiver.start(
                        read,
                        LibSrt.open(""),
                        admission,
                        streams,
                        definitions,
                        pulls,
                        refusals,
                        InstantSource.system());
    }

    SrtCaller call(String streamId) {
        return SrtCaller.connect(receiver.address(), streamId);
    }

    SrtCaller call(SrtCaller.Options options) {
        return SrtCaller.connect(receiver.address(), options);
    }

    /** The code with which a caller is refused. */
    int rejectReason(SrtCaller.Options options) {
        return assertThrows(
                        SrtException.class, () -> SrtCaller.connect(receiver.address(), options))
                .rejectReason();
    }

    int rejectReason(String streamId) {
        return rejectReason(new SrtCaller.Options(streamId));
    }

    LiveStream awaitStream(String id) {
        Waiting.until("stream " + id, () -> streams.find(new StreamId(id)).isPresent());
        return streams.find(new StreamId(id)).orElseThrow();
    }

    /** From now on this is the one definition that there is; other streams need none. */
    void define(String id, Definition.Srt srt) {
        definitions.replace(false, List.of(defined(id, "", Definition.Takeover.SILENT, srt)));
    }

    /** A definition that lays down what concerns SRT. */
    static Definition defined(
            String id, String publishKey, Definition.Takeover takeover, Definition.Srt srt) {
        return new Definition(
                new StreamId(id),
                false,
                Protocol.PROTOCOL_UNSPECIFIED,
                publishKey,
                takeover,
                0,
                srt);
    }

    static byte[][] messages(int count, long seed) {
        Random random = new Random(seed);
        byte[][] messages = new byte[count][MESSAGE_BYTES];
        for (byte[] message : messages) {
            random.nextBytes(message);
        }
        return messages;
    }

    static byte[] concatenated(byte[][] messages) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] message : messages) {
            all.writeBytes(message);
        }
        return all.toByteArray();
    }

    /** What a reader gets until it has so many bytes. */
    static byte[] read(RingReader reader, int bytes) {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        Batch batch = new Batch(65_536);
        Waiting.until(
                bytes + " bytes",
                () -> {
                    if (reader.read(batch, 65_536) == RingReader.Result.LAPPED) {
                        throw new AssertionError("lapped");
                    }
                    got.write(batch.bytes(), 0, batch.length());
                    return got.size() >= bytes;
                });
        return got.toByteArray();
    }

    /** How many bytes a reader gets until it has so many, or no more come. */
    static long count(RingReader reader, long bytes) {
        Batch batch = new Batch(65_536);
        long got = 0;
        long lastNs = System.nanoTime();
        while (got < bytes && System.nanoTime() - lastNs < 2_000_000_000L) {
            switch (reader.read(batch, 65_536)) {
                case DATA -> {
                    got += batch.length();
                    lastNs = System.nanoTime();
                }
                case EMPTY -> LockSupport.parkNanos(2_000_000);
                case LAPPED -> throw new AssertionError("lapped");
                case ENDED -> {
                    return got;
                }
            }
        }
        return got;
    }

    /** Sends to the stream and checks that every byte arrives. */
    void expectDelivery(SrtCaller caller, String id, int count) {
        RingReader reader = awaitStream(id).ring().reader(() -> {});
        byte[][] messages = messages(count, id.hashCode());
        for (byte[] message : messages) {
            caller.send(message);
        }
        org.assertj.core.api.Assertions.assertThat(read(reader, count * MESSAGE_BYTES))
                .isEqualTo(concatenated(messages));
    }

    @Override
    public void close() {
        receiver.close();
    }
}
