package live.mirror.receive.rtp;

import live.mirror.rtp.PacketFault;
import live.mirror.rtp.RtcpReader;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;

/**
 * A session's RTCP: what the sender tells of itself, and the receiver reports that it gets. Belongs
 * to the tick thread.
 */
final class RtcpExchange implements RtcpReader.Handler {

    private static final int MAX_NAME_LENGTH = 64;

    private final long intervalNs;
    private final LegReception[] legs;
    private final @Nullable RtcpTarget[] targets;
    private final RtpFigures figures;
    private int ssrc;
    private boolean goodbye;
    private String publisher = "";
    private long nextReportNs;

    // Of the datagram that is being read.
    private int readingLeg;
    private long readingArrivalNs;

    RtcpExchange(
            long intervalNs,
            LegReception[] legs,
            @Nullable RtcpTarget[] targets,
            RtpFigures figures,
            long nowNs) {
        this.intervalNs = intervalNs;
        this.legs = legs;
        this.targets = targets;
        this.figures = figures;
        nextReportNs = nowNs + nextIntervalNs() / 2;
    }

    /** Says whose reports are meant. */
    void source(int newSsrc) {
        ssrc = newSsrc;
    }

    /** Takes a datagram that a leg brought. */
    PacketFault read(byte[] bytes, int offset, int length, int leg, long arrivalNs) {
        readingLeg = leg;
        readingArrivalNs = arrivalNs;
        return RtcpReader.read(bytes, offset, length, this);
    }

    /** Whether the source has said that it leaves. */
    boolean saidGoodbye() {
        return goodbye;
    }

    /** What the source calls itself; empty before it has told. */
    String publisher() {
        return publisher;
    }

    /** When {@link #report} has something to do. */
    long nextReportNs() {
        return nextReportNs;
    }

    /** Sends a receiver report for each leg when it is time. */
    void report(long nowNs) {
        if (nowNs - nextReportNs < 0) {
            return;
        }
        nextReportNs = nowNs + nextIntervalNs();
        for (int leg = 0; leg < legs.length; leg++) {
            RtcpTarget target = targets[leg];
            LegReception reception = legs[leg];
            if (target != null && reception.hasStarted()) {
                byte[] report =
                        reception
                                .reports()
                                .write(
                                        ssrc,
                                        reception.sequence(),
                                        reception.jitter().ticks(),
                                        nowNs);
                figures.reported(target.socket().send(report, report.length, target.peer()));
            }
        }
    }

    @Override
    public void senderReport(int sender, long ntp, int rtpTimestamp, long packets, long octets) {
        legs[readingLeg].reports().senderReport(ntp, readingArrivalNs);
        figures.senderReport(ntp, rtpTimestamp, packets);
    }

    @Override
    public void bye(int source) {
        if (source != ssrc) {
            return;
        }
        legs[readingLeg].goodbye(readingArrivalNs);
        // One leg's goodbye is none: the other carries on.
        boolean all = true;
        for (LegReception leg : legs) {
            all &= leg.saidGoodbye();
        }
        goodbye = all;
    }

    @Override
    public void canonicalName(int source, byte[] bytes, int offset, int length) {
        if (source != ssrc || !publisher.isEmpty()) {
            return;
        }
        // What a stranger calls itself goes to consoles and logs: printable and short only.
        String name = new String(bytes, offset, length, StandardCharsets.UTF_8);
        StringBuilder safe = new StringBuilder();
        name.chars()
                .filter(c -> c > ' ' && c < 0x7f)
                .limit(MAX_NAME_LENGTH)
                .forEach(c -> safe.append((char) c));
        publisher = safe.toString();
    }

    /**
     * RFC 3550 section 6.2: between half and one and a half of the mean, so that none march in
     * step.
     */
    private long nextIntervalNs() {
        return intervalNs / 2 + RandomGenerator.getDefault().nextLong(intervalNs);
    }
}
