package live.mirror.worker;

import live.mirror.delivery.DeliveryCounters;
import live.mirror.observe.Figures;
import live.mirror.stream.LiveStreams;

/** The figures of rings and delivery: names and help; their sources are the counters themselves. */
final class DeliveryMeters {

    private DeliveryMeters() {}

    static void register(DeliveryCounters delivery, LiveStreams streams, Figures figures) {
        figures.gauge("mirror_ring_bytes", "Memory of all rings.", streams::ringBytes);
        figures.gauge("mirror_delivery_subscriptions", "Open subscriptions.", delivery::open);
        figures.counter("mirror_delivery_bytes_total", "Media bytes delivered.", delivery::bytes);
        figures.counter("mirror_delivery_chunks_total", "Chunks delivered.", delivery::chunks);
        figures.counter(
                "mirror_delivery_lapped_total",
                "How often a ring overtook a subscriber.",
                delivery::lapped);
        figures.counter(
                "mirror_delivery_lost_bytes_total",
                "Media bytes that subscribers were told they lost.",
                delivery::lostBytes);
        figures.counter(
                "mirror_delivery_too_slow_total",
                "Subscriptions ended because they did not read.",
                delivery::tooSlow);
        figures.counter(
                "mirror_delivery_refused_total",
                "Subscriptions refused because the worker has as many as it may.",
                delivery::refused);
        figures.counter(
                "mirror_delivery_refused_by_stream_total",
                "Subscriptions refused because their stream has as many as it may.",
                delivery::refusedByStream);
        figures.counter(
                "mirror_delivery_refused_by_address_total",
                "Subscriptions refused because their address has as many connections as it may.",
                delivery::refusedByAddress);
        figures.counter(
                "mirror_delivery_refused_by_size_total",
                "Subscriptions refused because their request was too large.",
                delivery::refusedBySize);
        figures.counter(
                "mirror_delivery_refused_by_token_total",
                "Calls refused because they showed no token, or a wrong one.",
                delivery::refusedByToken);
        figures.counter(
                "mirror_delivery_refused_by_connection_total",
                "Calls refused because their connection has as many as it may.",
                delivery::refusedByConnection);
        figures.counter(
                "mirror_delivery_flooding_total",
                "Connections ended because of pings or resets more often than allowed.",
                delivery::flooding);
        figures.counter(
                "mirror_delivery_silent_total",
                "Subscriptions ended because their connection gave no sign of life.",
                delivery::silent);
    }
}
