package live.mirror.rtp;

import java.nio.charset.StandardCharsets;

/**
 * Keeps what a receiver report tells of one source, and writes the reports (RFC 3550 section 6.4.2
 * and appendix A.3): a receiver report with one block and our canonical name behind it. Belongs to
 * the session's thread.
 */
public final class ReceiverReports {

    private static final int REPORT_BYTES = 32;
    private static final int MAX_NAME_BYTES = 255;
    private static final int MAX_LOST = 0x7f_ffff;
    private static final int MIN_LOST = -0x80_0000;

    private final int ownSsrc;
    private final byte[] report;

    private long receivedCount;
    private long expectedPrior;
    private long receivedPrior;
    private boolean senderReported;
    private int lastSenderReport;
    private long lastSenderReportNs;

    /**
     * Makes an empty record.
     *
     * @param ownSsrc our own source identifier in the reports
     * @param canonicalName our name in them (RFC 7022)
     */
    public ReceiverReports(int ownSsrc, String canonicalName) {
        byte[] name = canonicalName.getBytes(StandardCharsets.US_ASCII);
        if (name.length > MAX_NAME_BYTES) {
            throw new IllegalArgumentException("the canonical name has more than 255 bytes");
        }
        this.ownSsrc = ownSsrc;
        // Chunk: SSRC, item type and length, the name, at least one zero, up to a whole word.
        int chunkBytes = (4 + 2 + name.length + 4) / 4 * 4;
        report = new byte[REPORT_BYTES + 4 + chunkBytes];
        writeHeader(0, 1, RtcpReader.RECEIVER_REPORT, REPORT_BYTES);
        BigEndian.put32(report, 4, ownSsrc);
        writeHeader(REPORT_BYTES, 1, RtcpReader.SOURCE_DESCRIPTION, 4 + chunkBytes);
        BigEndian.put32(report, REPORT_BYTES + 4, ownSsrc);
        report[REPORT_BYTES + 8] = 1;
        report[REPORT_BYTES + 9] = (byte) name.length;
        System.arraycopy(name, 0, report, REPORT_BYTES + 10, name.length);
    }

    /** Our own source identifier. */
    public int ownSsrc() {
        return ownSsrc;
    }

    /** Counts a valid packet, duplicates and late ones included, as A.3 does. */
    public void received() {
        receivedCount++;
    }

    /** Begins again: the source restarted. */
    public void restart() {
        receivedCount = 0;
        expectedPrior = 0;
        receivedPrior = 0;
    }

    /** Remembers a sender report, for the sender's round-trip time. */
    public void senderReport(long ntp, long arrivalNs) {
        senderReported = true;
        // The middle 32 bits: 16 of the seconds, 16 of their fraction.
        lastSenderReport = (int) (ntp >>> 16);
        lastSenderReportNs = arrivalNs;
    }

    /** Writes the next report; the array is valid until the next call. */
    public byte[] write(int ssrc, ExtendedSequence sequence, int jitterTicks, long nowNs) {
        long expected = sequence.highest() - sequence.base() + 1;
        long lost = Math.clamp(expected - receivedCount, MIN_LOST, MAX_LOST);
        BigEndian.put32(report, 8, ssrc);
        BigEndian.put32(report, 12, fractionLost(expected) << 24 | ((int) lost & 0xff_ffff));
        BigEndian.put32(report, 16, sequence.reportedHighest());
        BigEndian.put32(report, 20, jitterTicks);
        BigEndian.put32(report, 24, lastSenderReport);
        BigEndian.put32(report, 28, senderReported ? delay(nowNs - lastSenderReportNs) : 0);
        return report;
    }

    /** A.3: the share lost since the last report, in 1/256. */
    private int fractionLost(long expected) {
        long expectedInterval = expected - expectedPrior;
        long lostInterval = expectedInterval - (receivedCount - receivedPrior);
        expectedPrior = expected;
        receivedPrior = receivedCount;
        if (expectedInterval <= 0 || lostInterval <= 0) {
            return 0;
        }
        return (int) Math.min(255, (lostInterval << 8) / expectedInterval);
    }

    /** In units of 1/65536 second. */
    private static int delay(long ns) {
        return (int) (ns / 1_000_000_000 * 65_536 + ns % 1_000_000_000 * 65_536 / 1_000_000_000);
    }

    private void writeHeader(int at, int count, int type, int bytes) {
        report[at] = (byte) (0x80 | count);
        report[at + 1] = (byte) type;
        BigEndian.put16(report, at + 2, bytes / 4 - 1);
    }
}
