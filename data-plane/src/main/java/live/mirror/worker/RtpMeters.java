package live.mirror.worker;

import live.mirror.observe.Figures;
import live.mirror.receive.rtp.PortCounters;
import live.mirror.receive.rtp.RtpFigures;
import live.mirror.receive.rtp.RtpObserver;
import live.mirror.receive.rtp.RtpReceiver;
import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.LegFigures;
import live.mirror.rtp.PacketFault;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToLongFunction;

/** The catalogue of what the RTP receiver counts. Read when scraped, by the admin server. */
final class RtpMeters implements RtpObserver {

    private final Figures figures;
    private final Map<Object, List<Figures.Removable>> series = new ConcurrentHashMap<>();

    /** Series of what comes and goes; the others follow with {@link #register}. */
    RtpMeters(Figures figures) {
        this.figures = figures;
    }

    @Override
    public void opened(UdpSocket socket) {
        String address =
                socket.local().getAddress().getHostAddress() + ":" + socket.local().getPort();
        series.put(
                socket,
                List.of(
                        figures.counter(
                                "mirror_rtp_kernel_drops_total",
                                "RTP datagrams that the kernel dropped because the socket's buffer"
                                        + " was full; see net.core.rmem_max.",
                                socket,
                                UdpSocket::droppedCount,
                                "socket",
                                address),
                        figures.counter(
                                "mirror_rtp_receive_errors_total",
                                "Reads of the socket that failed though something was there.",
                                socket,
                                UdpSocket::errorCount,
                                "socket",
                                address),
                        figures.gauge(
                                "mirror_rtp_receive_buffer_bytes",
                                "What the kernel keeps for the socket, by its own accounting.",
                                socket,
                                UdpSocket::receiveBufferBytes,
                                "socket",
                                address)));
    }

    @Override
    public void closed(UdpSocket socket) {
        remove(socket);
    }

    @Override
    public void began(RtpFigures session) {
        if (session.legCount() == 1) {
            return;
        }
        List<Figures.Removable> ofLegs = new ArrayList<>();
        for (int leg = 0; leg < session.legCount(); leg++) {
            String stream = session.stream().value();
            String number = Integer.toString(leg + 1);
            ofLegs.add(
                    figures.counter(
                            "mirror_rtp_leg_lost_packets_total",
                            "Packets that the leg did not bring.",
                            session.leg(leg),
                            LegFigures::lostCount,
                            "stream_id",
                            stream,
                            "leg",
                            number));
            ofLegs.add(
                    figures.counter(
                            "mirror_rtp_leg_saved_packets_total",
                            "Packets that the leg did not bring and the other one did.",
                            session.leg(leg),
                            LegFigures::savedByOtherCount,
                            "stream_id",
                            stream,
                            "leg",
                            number));
            ofLegs.add(
                    figures.gauge(
                            "mirror_rtp_leg_skew_us",
                            "How far the leg's packets come behind the other's, smoothed, in"
                                    + " microseconds.",
                            session.leg(leg),
                            LegFigures::skewUs,
                            "stream_id",
                            stream,
                            "leg",
                            number));
        }
        series.put(session, ofLegs);
    }

    @Override
    public void ended(RtpFigures session) {
        remove(session);
    }

    private void remove(Object of) {
        List<Figures.Removable> gone = series.remove(of);
        if (gone != null) {
            gone.forEach(Figures.Removable::remove);
        }
    }

    /** Figures of all ports and sessions together. */
    static void register(RtpReceiver rtp, Figures figures) {
        port(rtp, figures, "datagrams", "Datagrams received", PortCounters::datagrams);
        port(
                rtp,
                figures,
                "probation_packets",
                "RTP packets of sources in probation",
                PortCounters::probation);
        port(
                rtp,
                figures,
                "refused_packets",
                "RTP packets of sources that were refused a moment ago",
                PortCounters::refused);
        port(
                rtp,
                figures,
                "foreign_packets",
                "RTP packets with the SSRC of a live source, from another address",
                PortCounters::foreign);
        port(
                rtp,
                figures,
                "unknown_sources",
                "RTP sources that nothing defines, counted when asked about",
                PortCounters::unknown);
        port(
                rtp,
                figures,
                "sources_not_allowed",
                "RTP sources whose address their definition does not allow, counted when asked"
                        + " about",
                PortCounters::notAllowed);
        port(
                rtp,
                figures,
                "sources_over_limit",
                "RTP sources turned away because rtp.max-sources was reached",
                PortCounters::tableFull);
        port(
                rtp,
                figures,
                "unknown_rtcp",
                "RTCP datagrams that belong to no session",
                PortCounters::rtcpUnknown);
        port(
                rtp,
                figures,
                "backlog_dropped",
                "RTP datagrams dropped because too many had come before their session was admitted"
                        + " (rtp.backlog)",
                PortCounters::backlogFull);
        for (PacketFault fault : PacketFault.values()) {
            if (fault != PacketFault.NONE) {
                figures.counter(
                        "mirror_rtp_malformed_" + fault.label() + "_total",
                        "Malformed RTP or RTCP datagrams of this kind.",
                        () -> rtp.faultCount(fault));
            }
        }
        sessions(rtp, figures);
    }

    private static void port(
            RtpReceiver rtp,
            Figures figures,
            String what,
            String help,
            ToLongFunction<PortCounters> figure) {
        figures.counter(
                "mirror_rtp_" + what + "_total",
                help + ", at all ports.",
                () -> figure.applyAsLong(rtp.allPorts()));
    }

    private static void sessions(RtpReceiver rtp, Figures figures) {
        figures.gauge("mirror_rtp_sessions", "RTP sessions now.", () -> rtp.figures().size());
        sum(rtp, figures, "late", "came after they had been given up", RtpFigures::lateCount);
        sum(rtp, figures, "duplicate", "came twice", RtpFigures::duplicateCount);
        sum(rtp, figures, "stray", "had numbers far from all others'", RtpFigures::strayCount);
        sum(rtp, figures, "reordered", "waited for an earlier one", RtpFigures::reorderedCount);
        sum(rtp, figures, "recovered", "were recovered by parity", RtpFigures::recoveredCount);
    }

    private static void sum(
            RtpReceiver rtp,
            Figures figures,
            String what,
            String help,
            ToLongFunction<RtpFigures> figure) {
        figures.gauge(
                "mirror_rtp_" + what + "_packets",
                "RTP packets of the present sessions that " + help + ".",
                () -> rtp.figures().stream().mapToLong(figure).sum());
    }
}
