package live.mirror.receive.rtp;

import live.mirror.ring.RecordFlags;
import live.mirror.ring.RingWriter;
import live.mirror.rtp.ExtendedSequence;
import live.mirror.rtp.FaultCounters;
import live.mirror.rtp.MediaFormat;
import live.mirror.rtp.PacketFault;
import live.mirror.rtp.ReceiverReports;
import live.mirror.rtp.ReorderWindow;
import live.mirror.rtp.RtcpReader;
import live.mirror.rtp.RtpPacket;
import live.mirror.rtp.fec.ParityDecoder;
import live.mirror.stream.Decision;
import live.mirror.stream.Ingest;
import live.mirror.stream.IngestCounters.TransportFigures;
import live.mirror.stream.IngestSession;
import live.mirror.stream.Offer;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamMetadata;

import org.jspecify.annotations.Nullable;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;

/**
 * One source's session, from its admission to its end. Whatever may wait (the claim, the end of the
 * session before, the hand-over of the stream) happens on a virtual thread of its own; the path of
 * a packet (parse, number, put in order, write into the ring, report to the sender) is walked by
 * the tick thread, right after it has emptied the sockets: to wake a virtual thread each tick cost
 * as much again as the reception itself.
 */
final class RtpSession
        implements IngestSession,
                Runnable,
                Inbox.Reader,
                ParityDecoder.Output,
                ReorderWindow.Output,
                RtcpReader.Handler {

    private static final Logger LOG = System.getLogger(RtpSession.class.getName());
    private static final Duration PREDECESSOR_MAY_NEED = Duration.ofSeconds(2);
    private static final long FIGURES_INTERVAL_NS = 1_000_000_000;
    private static final int TS_PACKET_BYTES = 188;
    private static final byte TS_SYNC = 0x47;
    private static final int MAX_NAME_LENGTH = 64;

    private final SessionContext context;
    private final SessionPlan plan;
    private final Offer offer;
    private final @Nullable RtpSession predecessor;
    private final Inbox inbox;
    private final Thread thread;
    private final CountDownLatch over = new CountDownLatch(1);

    // Set by the tick thread, read by this one.
    private final AtomicReferenceArray<@Nullable RtcpTarget> rtcpTargets =
            new AtomicReferenceArray<>(2);

    // Set by any thread.
    private final AtomicReference<@Nullable Reason> closing = new AtomicReference<>();

    // Set by this thread: the tick thread takes over; counted down by the tick thread.
    private volatile @Nullable Ingest receiving;
    private final CountDownLatch received = new CountDownLatch(1);

    // The tick thread's from then on.
    private Reason endReason = Reason.REASON_INTERNAL;
    private long wakeAtNs = Long.MAX_VALUE;
    private final RtpPacket packet = new RtpPacket();
    private final RtpPacket leaving = new RtpPacket();
    private final FaultCounters faults = new FaultCounters();
    private final RtpFigures figures;
    private final LegReception[] legs;
    private final ReorderWindow window;
    private final @Nullable ParityDecoder parity;
    private @Nullable Ingest ingest;
    private boolean windowStarted;
    private int rtcpLeg;
    private long rtcpArrivalNs;
    private long inStepNs;
    private long nowArrivalNs;
    private boolean goodbye;
    private int ssrc;
    private int describedPayloadType = -1;
    private String publisher = "";
    private long lastPacketNs;
    private long nextReportNs;
    private long nextFiguresNs;
    private long drainedBytes;
    private long drainedPackets;
    private boolean unpublished;

    RtpSession(
            SessionContext context,
            SessionPlan plan,
            String source,
            @Nullable RtpSession predecessor) {
        this.context = context;
        this.plan = plan;
        this.offer =
                new Offer(plan.stream(), Protocol.PROTOCOL_RTP, source, plan.expectedKbps(), "");
        this.predecessor = predecessor;
        inbox = new Inbox(context.inboxBytes());
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
        figures = new RtpFigures(plan.stream(), faults, window, parity, inbox, legs);
        thread = Thread.ofVirtual().name("rtp-" + plan.stream()).unstarted(this);
    }

    /** Filled by the tick thread. */
    Inbox inbox() {
        return inbox;
    }

    SessionPlan plan() {
        return plan;
    }

    RtpFigures figures() {
        return figures;
    }

    void start() {
        thread.start();
    }

    /** Says where a leg's receiver reports go. Tick thread. */
    void rtcpTarget(int leg, RtcpTarget target) {
        rtcpTargets.setRelease(leg, target);
    }

    @Override
    public void close(Reason reason) {
        closing.compareAndSet(null, reason);
    }

    /** Waits until the session has ended; only when it was closed or ends by itself. */
    boolean awaitEnd(Duration atMost) throws InterruptedException {
        return over.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public void run() {
        Reason reason = Reason.REASON_INTERNAL;
        try {
            reason = admitAndReceive();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the RTP session of " + plan.stream() + " broke", e);
        } finally {
            Ingest begun = ingest;
            if (begun != null) {
                begun.finish(reason);
                LOG.log(
                        Level.INFO,
                        "stream {0}: RTP from {1} ended: {2}, {3}",
                        plan.stream(),
                        offer.source(),
                        reason,
                        figures);
            }
            over.countDown();
            context.sessionEnded(this, reason);
        }
    }

    /** Returns why the session ended, or was refused. */
    private Reason admitAndReceive() throws InterruptedException {
        if (predecessor != null && !predecessor.awaitEnd(PREDECESSOR_MAY_NEED)) {
            return Reason.REASON_ALREADY_PUBLISHING;
        }
        return switch (context.admission().claim(offer)) {
            case Decision.Rejected(Reason reason, String detail) -> {
                LOG.log(
                        Level.DEBUG,
                        "stream {0}: RTP from {1} refused: {2}, {3}",
                        plan.stream(),
                        offer.source(),
                        reason,
                        detail);
                yield reason;
            }
            case Decision.Admitted admitted -> {
                ingest = context.streams().begin(offer, admitted, this);
                LOG.log(
                        Level.INFO,
                        "stream {0}: RTP from {1}, epoch {2}",
                        plan.stream(),
                        offer.source(),
                        admitted.epoch());
                yield receive(ingest);
            }
        };
    }

    /** From here on the tick thread works for the session; it says when and why that ends. */
    private Reason receive(Ingest into) throws InterruptedException {
        long nowNs = System.nanoTime();
        lastPacketNs = nowNs;
        nextReportNs = nowNs + nextInterval() / 2;
        nextFiguresNs = nowNs + FIGURES_INTERVAL_NS;
        wakeAtNs = nowNs;
        receiving = into;
        received.await();
        return endReason;
    }

    /** Whether there is something to do without a datagram. Tick thread. */
    boolean isDue(long nowNs) {
        return wakeAtNs - nowNs <= 0 || closing.get() != null;
    }

    /** Works on what has come. Tick thread. */
    void work(long nowNs) {
        Ingest into = receiving;
        if (into == null || received.getCount() == 0) {
            return;
        }
        try {
            Reason reason = drain(into, nowNs);
            if (reason != null) {
                endReason = reason;
                received.countDown();
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "the RTP session of " + plan.stream() + " broke", e);
            endReason = Reason.REASON_INTERNAL;
            received.countDown();
        }
    }

    /** Returns why the session is over, or null. */
    private @Nullable Reason drain(Ingest into, long nowNs) {
        inbox.drain(this);
        if (parity != null && window.deadlineNs() - nowNs <= 0) {
            parity.settle();
        }
        window.expire(nowNs);
        Reason reason = endOfSession(nowNs);
        if (reason != null) {
            window.flush();
            publish(into);
            into.counters().transport(transportFigures());
            return reason;
        }
        publish(into);
        tellFigures(into, nowNs);
        report(nowNs);
        wakeAtNs =
                Math.min(
                        window.deadlineNs(),
                        Math.min(
                                lastPacketNs + plan.idleNs(),
                                Math.min(nextReportNs, nextFiguresNs)));
        return null;
    }

    private @Nullable Reason endOfSession(long nowNs) {
        Reason asked = closing.get();
        if (asked != null) {
            return asked;
        }
        boolean gone = goodbye || nowNs - lastPacketNs >= plan.idleNs();
        return gone ? Reason.REASON_PUBLISHER_LOST : null;
    }

    // The path of a packet.

    @Override
    public void datagram(
            byte[] bytes, int offset, int length, Channel channel, int leg, long arrivalNs) {
        switch (channel) {
            case MEDIA -> media(bytes, offset, length, leg, arrivalNs);
            case RTCP -> {
                rtcpLeg = leg;
                rtcpArrivalNs = arrivalNs;
                fault(RtcpReader.read(bytes, offset, length, this));
            }
            case FEC_COLUMN, FEC_ROW -> {
                if (parity != null) {
                    nowArrivalNs = arrivalNs;
                    fault(parity.parity(bytes, offset, length));
                }
            }
        }
    }

    private void media(byte[] bytes, int offset, int length, int leg, long arrivalNs) {
        PacketFault fault = packet.read(bytes, offset, length);
        MediaFormat format = plan.payloads().format(packet.payloadType());
        if (fault == PacketFault.NONE && format.isTransportStream() && !isWholeTsPackets(packet)) {
            // Its number will be missing: subscribers are told of a lost packet.
            fault = PacketFault.NOT_WHOLE_TS_PACKETS;
        }
        if (fault != PacketFault.NONE) {
            fault(fault);
            return;
        }
        lastPacketNs = Math.max(lastPacketNs, arrivalNs);
        LegReception reception = legs[leg];
        long number;
        if (reception.hasStarted()) {
            number = reception.sequence().accept(packet.sequenceNumber());
            if (number == ExtendedSequence.JUMP) {
                reception.keepJumped(bytes, offset, length, arrivalNs);
                return;
            }
            if (number == ExtendedSequence.RESTARTED) {
                restart(reception, leg, format);
                number = reception.sequence().accept(packet.sequenceNumber());
            }
        } else {
            ssrc = packet.ssrc();
            number = reception.start(packet.sequenceNumber(), format.clockRate());
        }
        reception.received(packet.timestamp(), arrivalNs);
        order(bytes, offset, length, number, arrivalNs, leg);
    }

    /** The source began a new count: what is held goes out, then the two packets that show it. */
    private void restart(LegReception reception, int leg, MediaFormat format) {
        byte[] first = reception.jumpedBytes();
        int number = (packet.sequenceNumber() - 1) & 0xffff;
        long extended = reception.start(number, format.clockRate());
        figures.restarted();
        if (legs.length == 1) {
            beginAgain();
        }
        order(first, 0, reception.jumpedLength(), extended, reception.jumpedArrivalNs(), leg);
        reception.reports().received();
    }

    private void order(byte[] bytes, int offset, int length, long number, long arrivalNs, int leg) {
        long merged = number;
        if (legs.length > 1 && windowStarted) {
            // The legs count their wraps apart; the window's count is the one that holds.
            merged = ExtendedSequence.near(window.next(), (int) number & 0xffff);
            if (Math.abs(merged - window.next())
                    > ExtendedSequence.MAX_DROPOUT + plan.windowPackets()) {
                if (!isOutOfStep(arrivalNs)) {
                    figures.outOfStep();
                    return;
                }
                // Nothing else has come for longer than the legs may be apart: it is the source.
                beginAgain();
                merged =
                        Math.max(number, (window.next() / 65_536 + 1) * 65_536 + (number & 0xffff));
            }
        }
        if (!windowStarted) {
            windowStarted = true;
            window.start(merged);
        }
        ReorderWindow.Verdict verdict = window.offer(bytes, offset, length, merged, arrivalNs, leg);
        inStepNs = arrivalNs;
        if (parity != null && verdict == ReorderWindow.Verdict.TAKEN) {
            nowArrivalNs = arrivalNs;
            parity.media(bytes, offset, length, merged);
        }
    }

    @Override
    public void recovered(byte[] bytes, int offset, int length, long sequence) {
        window.offer(bytes, offset, length, sequence, nowArrivalNs, 0);
    }

    /** Nothing of the source's new count belongs to what was held of the old one. */
    private void beginAgain() {
        window.flush();
        windowStarted = false;
        if (parity != null) {
            parity.forget();
        }
        ring().gap(RecordFlags.SOURCE_RESTART, 0);
    }

    private boolean isOutOfStep(long arrivalNs) {
        return arrivalNs - inStepNs > plan.holdNs();
    }

    @Override
    public void packet(byte[] bytes, int offset, int length, long sequence, long arrivalNs) {
        leaving.read(bytes, offset, length);
        int payloadType = leaving.payloadType();
        boolean transportStream = plan.payloads().format(payloadType).isTransportStream();
        if (payloadType != describedPayloadType) {
            describe(payloadType);
        }
        Ingest into = ingest();
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
                            context.clock().unixUs(arrivalNs),
                            transportStream ? 0 : RecordFlags.EDGES);
        }
        drainedBytes += mediaBytes;
        drainedPackets++;
        unpublished = true;
    }

    @Override
    public void gap(long firstSequence, long count) {
        ring().gap(RecordFlags.AFTER_LOSS, count);
    }

    private void publish(Ingest into) {
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

    private void fault(PacketFault fault) {
        if (fault != PacketFault.NONE) {
            faults.add(fault);
        }
    }

    // RTCP.

    @Override
    public void senderReport(int sender, long ntp, int rtpTimestamp, long packets, long octets) {
        legs[rtcpLeg].reports().senderReport(ntp, rtcpArrivalNs);
        figures.senderReport(ntp, rtpTimestamp, packets, octets);
    }

    @Override
    public void bye(int source) {
        // One leg's goodbye is none: the other carries on.
        if (source == ssrc && legs.length == 1) {
            goodbye = true;
        }
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
        describedPayloadType = -1;
    }

    private void report(long nowNs) {
        if (nowNs - nextReportNs < 0) {
            return;
        }
        nextReportNs = nowNs + nextInterval();
        for (int leg = 0; leg < legs.length; leg++) {
            RtcpTarget target = rtcpTargets.getAcquire(leg);
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

    /**
     * RFC 3550 section 6.2: between half and one and a half of the mean, so that none march in
     * step.
     */
    private long nextInterval() {
        return plan.rtcpIntervalNs() / 2
                + RandomGenerator.getDefault().nextLong(plan.rtcpIntervalNs());
    }

    // Figures.

    private void tellFigures(Ingest into, long nowNs) {
        if (nowNs - nextFiguresNs >= 0) {
            nextFiguresNs = nowNs + FIGURES_INTERVAL_NS;
            into.counters().transport(transportFigures());
        }
    }

    private TransportFigures transportFigures() {
        // Found missing: what was given up, and what came out of order but in time.
        return new TransportFigures(
                0, window.lostCount() + window.lateCount(), window.lostCount(), 0, 0);
    }

    private void describe(int payloadType) {
        describedPayloadType = payloadType;
        MediaFormat format = plan.payloads().format(payloadType);
        ingest().describe(
                        StreamMetadata.newBuilder()
                                .setSource(offer.source())
                                .setPublisher(publisher)
                                .setContainer(
                                        format.isTransportStream()
                                                ? "mpegts"
                                                : "rtp/"
                                                        + format.encoding()
                                                                .toLowerCase(Locale.ROOT))
                                .build());
    }

    private Ingest ingest() {
        Ingest begun = ingest;
        if (begun == null) {
            throw new IllegalStateException(
                    "a packet of " + plan.stream() + " before its admission");
        }
        return begun;
    }

    private RingWriter ring() {
        return ingest().ring();
    }
}
