package live.mirror.worker;

import live.mirror.observe.Figures;
import live.mirror.receive.srt.SrtCapabilities;
import live.mirror.receive.srt.SrtReceiver;

import java.util.Map;

/** The catalogue of what the SRT receiver counts. Read when scraped, by the admin server. */
final class SrtMeters {

    private SrtMeters() {}

    static void register(SrtReceiver srt, Figures figures) {
        figures.info(
                "mirror_srt_library_info",
                "The SRT library and what it can do, found out by trying.",
                labels(srt.capabilities()));
        figures.gauge("mirror_srt_sessions", "SRT publishers that are connected.", srt::sessions);
        figures.gauge(
                "mirror_srt_pulled_sources",
                "Remote SRT listeners that this worker has to fetch streams from.",
                srt::pulledSources);
        for (int i = 0; i < srt.addresses().size(); i++) {
            int socket = i;
            figures.gauge(
                    "mirror_srt_receive_thread_" + socket + "_share",
                    "Share of one core that the receive thread of this SRT socket used in the last"
                            + " second.",
                    () -> srt.receiveThreadShares().get(socket));
        }
        figures.counter(
                "mirror_srt_gate_decisions_total",
                "SRT handshakes that the gate decided on.",
                srt::gateDecisions);
        figures.counter(
                "mirror_srt_slow_gate_decisions_total",
                "SRT handshakes over which the gate took 200 microseconds or longer.",
                srt::slowGateDecisions);
        figures.gauge(
                "mirror_srt_gate_p99_seconds",
                "How long the gate takes at most over 99 of 100 SRT handshakes.",
                srt::gateP99Seconds);
        figures.counter(
                "mirror_srt_filtered_datagrams_total",
                "Datagrams that the packet filter of the SRT sockets dropped: nothing that an"
                        + " honest publisher sends.",
                srt::filteredDatagrams);
        figures.counter(
                "mirror_srt_overflowed_datagrams_total",
                "Datagrams that the kernel dropped at the SRT sockets because a buffer was full,"
                        + " at most; see srt.udp-receive-buffer and net.core.rmem_max.",
                srt::overflowedDatagrams);
        figures.gauge(
                "mirror_srt_receive_buffer_bytes",
                "What the kernel keeps for each SRT socket, by its own accounting.",
                srt::udpReceiveBufferBytes);
    }

    private static Map<String, String> labels(SrtCapabilities can) {
        return Map.of(
                "library", can.library(),
                "version", can.version(),
                "encryption", String.valueOf(can.encryption()),
                "fec", String.valueOf(can.packetFilter()),
                "bonding", String.valueOf(can.bonding()),
                "aes_gcm", String.valueOf(can.authenticatedEncryption()));
    }
}
