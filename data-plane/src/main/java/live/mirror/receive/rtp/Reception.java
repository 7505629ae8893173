package live.mirror.receive.rtp;

import live.mirror.ring.RecordFlags;
import live.mirror.rtp.BigEndian;
import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.FaultCounters;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.PayloadTypes;
import live.mirror.rtp.ReceiverReports;
import live.mirror.rtp.ReorderWindow;
import live.mirror.rtp.RtpPacket;
import live.mirror.rtp.fec.ParityDecoder;
import live.mirror.stream.Ingest;
import live.mirror.stream.IngestCounters.TransportFigures;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamMetadata;

import org.jspecify.annotations.Nullable;

import java.util.Locale;

/**
 * The path of an admitted source's packets: parse, number, put in order, write into the ring.
 * Walked by the tick thread as it reads the sockets, and {@link #settle settled} once a tick.
 */
final class Reception
        implements Backlog.Reader, LegMerge.Output, ParityDecoder.Output, ReorderWindow.Output {

    private static final long FIGURES_INTERVAL_NS = 1_000_000_000;
    private static final int TS_PACKET_BYTES = 188;
    private static final byte TS_SYNC = 0x47;
    private static final int NO_TYPE = -1;

    private final SessionPlan plan;
    private final PayloadTypes payloads;
    private final WallClock clock;
    private final Ingest into;
    private final String source;
    private final RtpPacket packet = new RtpPacket();
    private final RtpPacket leaving = new RtpPacket();
    private final FaultCounters faults = new FaultCounters();
    private final RtpFigures figures;
    private final LegReception[] legs;
    private final LegMerge merge;
    private final ReorderWindow window;
    private final @Nullable ParityDecoder parity;
    private final RtcpExchange rtcp;
    private boolean windowStarted;
    private long nowArrivalNs;
    private int leavingType = NO_TYPE;
    private int describedType = NO_TYPE;
    private String describedPublisher = "";
    private long nextDescriptionNs;
    private long lastPacketNs;
    private long nextFiguresNs;
    private long drainedBytes;
    private long drainedPackets;
    private boolean unpublished;

    /**
     * Allocates everything that the path needs.
     *
     * @param targets where each leg's receiver reports go, as far as known; read when they are due
     */
    Reception(
            SessionContext context,
            SessionPlan plan,
            Ingest into,
            String source,
            @Nullable RtcpTarget[] targets,
            long nowNs) {
        this.plan = plan;
        this.payloads = plan.payloads();
        this.clock = context.clock();
        this.into = into;
        this.source = source;
        window =
                new ReorderWindow(
                        plan.windowPackets(),
                        plan.maxDatagramBytes(),
                        plan.holdNs(),
                        plan.legCount(),
                        this);
        parity = plan.parity() ? new ParityDecoder(plan.maxDatagramBytes(), this) : null;
        legs = new LegReception[plan.legCount()];
        for (int leg = 0; leg < legs.length; leg++) {
            legs[leg] =
                    new LegReception(
                            new ReceiverReports(context.ownSsrc(), context.canonicalName()),
                            plan.maxDatagramBytes());
        }
        figures = new RtpFigures(plan.stream(), faults, window, parity, legs);
        merge = new LegMerge(plan, window, figures, this);
        rtcp = new RtcpExchange(plan.rtcpIntervalNs(), legs, targets, figures, nowNs);
        into.payloadTypes(payloads);
        lastPacketNs = nowNs;
        nextDescriptionNs = nowNs;
        nextFiguresNs = nowNs + FIGURES_INTERVAL_NS;
    }

    RtpFigures figures() {
        return figures;
    }

    /** When {@link #settle} has something to do even if no datagram comes. */
    long wakeAtNs() {
        return Math.min(
                Math.min(window.deadlineNs(), lastPacketNs + plan.idleNs()),
                Math.min(rtcp.nextReportNs(), nextFiguresNs));
    }

    /**
     * After all that a tick has brought: gives up what is overdue, publishes, reports.
     *
     * @param asked why the session is asked to end, or null
     * @return why the session is over, or null
     */
    @Nullable Reason settle(long nowNs, @Nullable Reason asked) {
        Reason reason = asked == null ? end(nowNs) : asked;
        if (parity != null && (reason != null || window.deadlineNs() - nowNs <= 0)) {
            parity.settle();
        }
        window.expire(nowNs);
        if (reason != null) {
            giveJumped();
            window.flush();
            publish(nowNs);
            tellFigures();
            return reason;
        }
        publish(nowNs);
        if (nowNs - nextFiguresNs >= 0) {
            nextFiguresNs = nowNs + FIGURES_INTERVAL_NS;
            tellFigures();
        }
        rtcp.report(nowNs);
        return null;
    }

    private @Nullable Reason end(long nowNs) {
        boolean gone = rtcp.saidGoodbye() || nowNs - lastPacketNs >= plan.idleNs();
        return gone ? Reason.REASON_PUBLISHER_LOST : null;
    }

    @Override
    public void datagram(
            byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs) {
        PacketFault fault =
                switch (channel) {
                    case MEDIA -> media(bytes, offset, length, leg, arrivalNs);
                    case RTCP -> rtcp.read(bytes, offset, length, leg, arrivalNs);
                    case FEC_COLUMN, FEC_ROW -> parity(bytes, offset, length, arrivalNs);
                };
        if (fault != PacketFault.NONE) {
            faults.add(fault);
        }
    }

    private PacketFault parity(byte[] bytes, int offset, int length, long arrivalNs) {
        if (parity == null) {
            return PacketFault.NONE;
        }
        nowArrivalNs = arrivalNs;
        return parity.parity(bytes, offset, length);
    }

    private PacketFault media(byte[] bytes, int offset, int length, int leg, long arrivalNs) {
        PacketFault fault = packet.read(bytes, offset, length);
        if (fault != PacketFault.NONE) {
            return fault;
        }
        if (payloads.isTransportStream(packet.payloadType()) && !isWholeTsPackets(packet)) {
            // Its number will be missing: subscribers are told of a lost packet.
            return PacketFault.NOT_WHOLE_TS_PACKETS;
        }
        lastPacketNs = Math.max(lastPacketNs, arrivalNs);
        LegReception reception = legs[leg];
        long number;
        if (reception.hasStarted()) {
            number = reception.sequence().accept(packet.sequenceNumber());
            if (number == ExtendedSequence.JUMP) {
                if (reception.keepJumped(bytes, offset, length, arrivalNs)) {
                    figures.stray(1);
                }
                return PacketFault.NONE;
            }
            if (number == ExtendedSequence.RESTARTED) {
                restart(reception, leg);
                number = reception.sequence().accept(packet.sequenceNumber());
            } else if (reception.keepsJumped() && !reception.sequence().awaitsRestart()) {
                reception.forgetJumped();
                figures.stray(1);
            }
        } else {
            rtcp.source(packet.ssrc());
            number = reception.start(packet.sequenceNumber(), clockRate());
        }
        reception.received(packet.timestamp(), arrivalNs);
        order(bytes, offset, length, number, arrivalNs, leg);
        return PacketFault.NONE;
    }

    /** The source began a new count: what is held goes out, then the packet that jumped. */
    private void restart(LegReception reception, int leg) {
        byte[] first = reception.jumpedBytes();
        long extended = reception.start(BigEndian.u16(first, 2), clockRate());
        if (legs.length == 1) {
            begin(extended);
        } else {
            merge.jumped(leg);
        }
        order(first, 0, reception.jumpedLength(), extended, reception.jumpedArrivalNs(), leg);
        reception.reports().received();
    }

    /** Nothing follows any more: the last packet that came was the source's last word. */
    private void giveJumped() {
        for (int leg = 0; leg < legs.length; leg++) {
            LegReception reception = legs[leg];
            if (reception.keepsJumped()) {
                if (reception.sequence().isAhead(BigEndian.u16(reception.jumpedBytes(), 2))) {
                    restart(reception, leg);
                } else {
                    // From before: it was delivered, or told as lost.
                    figures.stray(1);
                }
            }
        }
        merge.finish(lastPacketNs);
    }

    private int clockRate() {
        return payloads.format(packet.payloadType()).clockRate();
    }

    private void order(byte[] bytes, int offset, int length, long number, long arrivalNs, int leg) {
        if (legs.length > 1) {
            merge.packet(bytes, offset, length, (int) number & 0xffff, arrivalNs, leg);
            return;
        }
        if (!windowStarted) {
            begin(number);
        }
        offer(bytes, offset, length, number, arrivalNs, leg);
    }

    /** Nothing of the source's new count belongs to what was held of the old one. */
    @Override
    public void begin(long first) {
        if (windowStarted) {
            figures.restarted();
            window.flush();
            if (parity != null) {
                parity.forget();
            }
            into.ring().gap(RecordFlags.SOURCE_RESTART, 0);
        }
        windowStarted = true;
        window.start(first);
    }

    @Override
    public void offer(byte[] bytes, int offset, int length, long number, long arrivalNs, int leg) {
        ReorderWindow.Verdict verdict = window.offer(bytes, offset, length, number, arrivalNs, leg);
        if (parity != null && verdict == ReorderWindow.Verdict.TAKEN) {
            nowArrivalNs = arrivalNs;
            parity.media(bytes, offset, length, number);
        }
    }

    @Override
    public boolean recovered(byte[] bytes, int offset, int length, long sequence) {
        return window.offer(bytes, offset, length, sequence, nowArrivalNs, ReorderWindow.NO_LEG)
                == ReorderWindow.Verdict.TAKEN;
    }

    @Override
    public void packet(byte[] bytes, int offset, int length, long sequence, long arrivalNs) {
        leaving.read(bytes, offset, length);
        leavingType = leaving.payloadType();
        if (describedType == NO_TYPE) {
            // Before anybody can read what is written.
            describe();
        }
        boolean transportStream = payloads.isTransportStream(leavingType);
        int mediaBytes = leaving.payloadLength();
        if (mediaBytes > 0 || !transportStream) {
            // TS needs no edges: its packets have their own. Of everything else the whole packet
            // goes out, so that no timestamp, marker or fragment edge is lost.
            into.ring()
                    .write(
                            bytes,
                            transportStream ? leaving.payloadOffset() : offset,
                            transportStream ? mediaBytes : length,
                            into.epoch(),
                            clock.unixUs(arrivalNs),
                            transportStream ? 0 : RecordFlags.EDGES);
        }
        drainedBytes += mediaBytes;
        drainedPackets++;
        unpublished = true;
    }

    @Override
    public void gap(long firstSequence, long count) {
        into.ring().gap(RecordFlags.AFTER_LOSS, count);
    }

    private void publish(long nowNs) {
        boolean news = leavingType != describedType || !describedPublisher.equals(rtcp.publisher());
        if (news && describedType != NO_TYPE && nowNs - nextDescriptionNs >= 0) {
            // A source whose types alternate is described once a second.
            nextDescriptionNs = nowNs + FIGURES_INTERVAL_NS;
            describe();
        }
        if (unpublished) {
            unpublished = false;
            into.ring().publish();
            into.received(drainedBytes, drainedPackets);
            drainedBytes = 0;
            drainedPackets = 0;
        }
    }

    private static boolean isWholeTsPackets(RtpPacket packet) {
        int length = packet.payloadLength();
        if (length % TS_PACKET_BYTES != 0) {
            return false;
        }
        byte[] bytes = packet.bytes();
        for (int at = packet.payloadOffset(); at < packet.payloadOffset() + length; ) {
            if (bytes[at] != TS_SYNC) {
                return false;
            }
            at += TS_PACKET_BYTES;
        }
        return true;
    }

    private void tellFigures() {
        // Found missing: what was given up, and what parity has rebuilt.
        long lost = window.lostCount();
        into.counters()
                .transport(new TransportFigures(0, lost + figures.recoveredCount(), lost, 0, 0));
        into.counters().rtp(figures.stats());
    }

    private void describe() {
        describedType = leavingType;
        describedPublisher = rtcp.publisher();
        MediaFormat format = payloads.format(leavingType);
        String container =
                format.isTransportStream()
                        ? "mpegts"
                        : "rtp/" + format.encoding().toLowerCase(Locale.ROOT);
        into.describe(
                StreamMetadata.newBuilder()
                        .setSource(source)
                        .setPublisher(describedPublisher)
                        .setContainer(container)
                        .build());
    }
}
