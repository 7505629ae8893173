package live.mirror.receive.rtp;

import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.Jitter;
import live.mirror.rtp.ReceiverReports;

/**
 * What a session keeps for each leg: numbers, jitter, receiver reports. Belongs to the session's
 * thread.
 */
final class LegReception {

    /** Media that come after a goodbye for longer than this were not reordered: it is void. */
    private static final long GOODBYE_NS = 1_000_000_000;

    private final ExtendedSequence sequence = new ExtendedSequence();
    private final ReceiverReports reports;
    private final byte[] jumped;
    private Jitter jitter;
    private boolean started;
    private boolean jumpedKept;
    private int jumpedLength;
    private long jumpedArrivalNs;
    private long lastArrivalNs;
    private boolean goodbye;
    private long goodbyeNs;

    LegReception(ReceiverReports reports, int maxDatagramBytes) {
        this.reports = reports;
        this.jumped = new byte[maxDatagramBytes];
        this.jitter = new Jitter(90_000);
    }

    ReceiverReports reports() {
        return reports;
    }

    ExtendedSequence sequence() {
        return sequence;
    }

    Jitter jitter() {
        return jitter;
    }

    boolean hasStarted() {
        return started;
    }

    /** Begins, or begins again, with this number. */
    long start(int number, int clockRate) {
        if (started) {
            jitter.restart();
            reports.restart();
        } else {
            jitter = new Jitter(clockRate);
        }
        long from = started ? sequence.highest() : 0;
        started = true;
        jumpedKept = false;
        return sequence.start(number, from);
    }

    void received(int timestamp, long arrivalNs) {
        reports.received();
        jitter.add(timestamp, arrivalNs);
        lastArrivalNs = arrivalNs;
    }

    /** The source says that it leaves. */
    void goodbye(long arrivalNs) {
        goodbye = true;
        goodbyeNs = arrivalNs;
    }

    boolean saidGoodbye() {
        return goodbye && lastArrivalNs - goodbyeNs < GOODBYE_NS;
    }

    /**
     * Keeps a packet that jumped: it is delivered if the next one follows it, or nothing does.
     *
     * @return whether another one was kept, and is forgotten
     */
    boolean keepJumped(byte[] bytes, int offset, int length, long arrivalNs) {
        boolean another = jumpedKept;
        System.arraycopy(bytes, offset, jumped, 0, length);
        jumpedKept = true;
        jumpedLength = length;
        jumpedArrivalNs = arrivalNs;
        return another;
    }

    /** Whether a packet is kept of which is not decided yet what it was. */
    boolean keepsJumped() {
        return jumpedKept;
    }

    /** The source goes on where it was before the jump. */
    void forgetJumped() {
        jumpedKept = false;
    }

    byte[] jumpedBytes() {
        return jumped;
    }

    int jumpedLength() {
        return jumpedLength;
    }

    long jumpedArrivalNs() {
        return jumpedArrivalNs;
    }
}
