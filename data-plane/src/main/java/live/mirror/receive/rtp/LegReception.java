package live.mirror.receive.rtp;

import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.Jitter;
import live.mirror.rtp.ReceiverReports;

/**
 * What a session keeps for each leg: numbers, jitter, receiver reports. Belongs to the session's
 * thread.
 */
final class LegReception {

    private final ExtendedSequence sequence = new ExtendedSequence();
    private final ReceiverReports reports;
    private final byte[] jumped;
    private Jitter jitter;
    private boolean started;
    private int jumpedLength;
    private long jumpedArrivalNs;
    private long lastArrivalNs;

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
        return sequence.start(number, from);
    }

    void received(int timestamp, long arrivalNs) {
        reports.received();
        jitter.add(timestamp, arrivalNs);
        lastArrivalNs = arrivalNs;
    }

    long lastArrivalNs() {
        return lastArrivalNs;
    }

    /** Keeps a packet that jumped: it is delivered if the next one follows it. */
    void keepJumped(byte[] bytes, int offset, int length, long arrivalNs) {
        System.arraycopy(bytes, offset, jumped, 0, length);
        jumpedLength = length;
        jumpedArrivalNs = arrivalNs;
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
