package live.mirror.worker;

import live.mirror.observe.Figures;
import live.mirror.receive.rtp.PortCounters;
import live.mirror.receive.rtp.RtpFigures;
import live.mirror.receive.rtp.RtpReceiver;
import live.mirror.receive.udp.UdpSocket;
import live.mirror.rtp.PacketFault;

import java.util.function.ToLongFunction;

/** The catalogue of what the RTP receiver counts. Read when scraped, by the admin server. */
final class RtpMeters {

    private RtpMeters() {}

    static void register(RtpReceiver rtp, Figures figures) {
        PortCounters port = rtp.counters();
        figures.counter(
                "mirror_rtp_datagrams_total",
                "Datagrams received on the shared RTP port and its RTCP port.",
                port::datagrams);
        figures.counter(
                "mirror_rtp_probation_packets_total",
                "RTP packets of sources in probation.",
                port::probation);
        figures.counter(
                "mirror_rtp_refused_packets_total",
                "RTP packets of sources that were refused a moment ago.",
                port::refused);
        figures.counter(
                "mirror_rtp_foreign_packets_total",
                "RTP packets with the SSRC of a live source, from another address.",
                port::foreign);
        figures.counter(
                "mirror_rtp_unknown_sources_total",
                "RTP sources that nothing defines, counted when asked about.",
                port::unknown);
        figures.counter(
                "mirror_rtp_sources_over_limit_total",
                "RTP sources turned away because rtp.max-sources was reached.",
                port::tableFull);
        figures.counter(
                "mirror_rtp_unknown_rtcp_total",
                "RTCP datagrams that belong to no session.",
                port::rtcpUnknown);
        figures.counter(
                "mirror_rtp_backlog_dropped_total",
                "RTP datagrams dropped because too many had come before their session was admitted"
                        + " (rtp.backlog).",
                port::backlogFull);
        for (PacketFault fault : PacketFault.values()) {
            if (fault != PacketFault.NONE) {
                figures.counter(
                        "mirror_rtp_malformed_" + fault.label() + "_total",
                        "Malformed RTP or RTCP datagrams of this kind.",
                        () -> rtp.faultCount(fault));
            }
        }
        sessions(rtp, figures);
        figures.counter(
                "mirror_rtp_kernel_drops_total",
                "RTP datagrams that the kernel dropped because a socket's buffer was full; see"
                        + " net.core.rmem_max.",
                () -> rtp.sockets().stream().mapToLong(UdpSocket::droppedCount).sum());
        figures.gauge(
                "mirror_rtp_receive_buffer_bytes",
                "What the kernel keeps for the shared RTP port, by its own accounting.",
                () -> rtp.sockets().getFirst().receiveBufferBytes());
    }

    private static void sessions(RtpReceiver rtp, Figures figures) {
        figures.gauge("mirror_rtp_sessions", "RTP sessions now.", () -> rtp.figures().size());
        sum(rtp, figures, "late", "came after they had been given up", RtpFigures::lateCount);
        sum(rtp, figures, "duplicate", "came twice", RtpFigures::duplicateCount);
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
