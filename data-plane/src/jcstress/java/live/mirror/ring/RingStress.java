package live.mirror.ring;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import live.mirror.ring.RingReader.Result;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.L_Result;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * The ring's promises under every interleaving that jcstress can provoke: a payload is whole or not
 * seen, a loss is found, a wake-up is never missed, the end is seen behind the last payload.
 */
public final class RingStress {

    private static final int PAYLOAD = 200;

    private RingStress() {}

    /** A ring as small as it may be, so that few writes overtake a reader. */
    private abstract static class Small {
        final Ring ring = new Ring(Ring.MIN_CAPACITY_BYTES);
        final AtomicInteger wakes = new AtomicInteger();
        final RingReader reader = ring.reader(wakes::incrementAndGet);
        final Batch batch = new Batch(PAYLOAD * 8);
        final byte[] payload = new byte[PAYLOAD];

        void write(int fill) {
            java.util.Arrays.fill(payload, (byte) fill);
            ring.writer().write(payload, 0, PAYLOAD, 1, 0, 0);
            ring.writer().publish();
        }

        void free() {
            reader.close();
            ring.close();
        }

        /** The first payload's byte if all are equal within each payload and follow one another. */
        String seen(Result result) {
            if (result != Result.DATA) {
                return result.name();
            }
            for (int i = 0; i < batch.length(); i++) {
                if (batch.bytes()[i] != (byte) (batch.packet() + i / PAYLOAD)) {
                    return "TORN";
                }
            }
            return "WHOLE";
        }
    }

    /** Reading while the writer overtakes. */
    @JCStressTest
    @Outcome(
            id = {"WHOLE", "LAPPED"},
            expect = ACCEPTABLE,
            desc = "Whole, or found to be overtaken.")
    @Outcome(id = "TORN", expect = FORBIDDEN, desc = "Bytes of two payloads in one.")
    @Outcome(
            id = {"EMPTY", "ENDED"},
            expect = FORBIDDEN,
            desc = "There was something to read.")
    @State
    public static class Lapping extends Small {

        /** One payload is there from the beginning. */
        public Lapping() {
            write(0);
        }

        /** Enough to come around. */
        @Actor
        public void writer() {
            for (int i = 1; i < 8; i++) {
                write(i);
            }
        }

        /** Reads once. */
        @Actor
        public void reader(L_Result result) {
            result.r1 = seen(reader.read(batch, PAYLOAD * 8));
        }

        /** Frees the memory. */
        @Arbiter
        public void end(L_Result result) {
            free();
        }
    }

    /** A reader that begins at the oldest payload while the writer overtakes. */
    @JCStressTest
    @Outcome(
            id = {"WHOLE", "LAPPED"},
            expect = ACCEPTABLE,
            desc = "Whole, or found to be overtaken.")
    @Outcome(expect = FORBIDDEN, desc = "Torn, or nothing where something is.")
    @State
    public static class LateReader extends Small {

        /** The ring is full. */
        public LateReader() {
            for (int i = 0; i < 6; i++) {
                write(i);
            }
        }

        /** Goes on. */
        @Actor
        public void writer() {
            for (int i = 6; i < 12; i++) {
                write(i);
            }
        }

        /** Begins, and reads once. */
        @Actor
        public void reader(L_Result result) {
            reader.startAtOldest();
            result.r1 = seen(reader.read(batch, PAYLOAD * 8));
        }

        /** Frees the memory. */
        @Arbiter
        public void end(L_Result result) {
            free();
        }
    }

    /** Falling asleep while the writer publishes. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "Woken, or it did not sleep.")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "Asleep for ever.")
    @State
    public static class Waking extends Small {

        private volatile boolean asleep;

        /** Publishes once. */
        @Actor
        public void writer() {
            write(0);
        }

        /** Goes to sleep unless there is something. */
        @Actor
        public void reader() {
            asleep = reader.await();
        }

        /** Whether it would sleep for ever. */
        @Arbiter
        public void end(I_Result result) {
            result.r1 = !asleep || wakes.get() > 0 ? 1 : 0;
            free();
        }
    }

    /** The end right behind the last payload. */
    @JCStressTest
    @Outcome(
            id = {"EMPTY", "WHOLE"},
            expect = ACCEPTABLE,
            desc = "Not yet, or the last payload.")
    @Outcome(expect = FORBIDDEN, desc = "The end before what was published.")
    @State
    public static class Ending extends Small {

        /** Writes the last payload and ends. */
        @Actor
        public void writer() {
            write(0);
            ring.close();
        }

        /** Reads once. */
        @Actor
        public void reader(L_Result result) {
            result.r1 = seen(reader.read(batch, PAYLOAD * 8));
        }

        /** Frees the memory. */
        @Arbiter
        public void end(L_Result result) {
            free();
        }
    }
}
