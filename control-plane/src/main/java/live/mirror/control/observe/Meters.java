package live.mirror.control.observe;

import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;

import java.util.List;
import java.util.function.Supplier;

/** Every figure that the control plane exports itself: name, meaning, who writes it. */
public enum Meters {

    /** Name and label-free form of the original design; read by the registry poll. */
    ACTIVE_STREAMS(
            "mirror_active_streams_total",
            "Streams of the whole cluster that have not stopped, by the registry."),

    /** Read by the registry poll. */
    REGISTRY_UP("mirror_registry_up", "1 while the registry answers."),

    /** Read by the registry poll. */
    RESERVED_KBPS(
            "mirror_reserved_kbps",
            "Bitrate reserved in the whole cluster, in kilobits per second."),

    /** Read by the registry poll. */
    GRANTED_STREAMS(
            "mirror_granted_streams",
            "Places that workers may give away alone while they have no control plane."),

    /** Read from the command hub. */
    WORKERS_CONNECTED(
            "mirror_workers_connected", "Workers that listen for commands at this replica."),

    /** Read from the watchers. */
    WATCHERS("mirror_watchers", "Who watches streams at this replica."),

    /** Read from the watchers. */
    WATCHERS_LAPPED(
            "mirror_watchers_lapped_total",
            "How often a watcher was too slow for its queue and was told the whole again."),

    /** Read from the watchers. */
    WATCHERS_STALLED(
            "mirror_watchers_stalled_total",
            "Watchers by server-sent events that were hung up since they took nothing for 5 s."),

    /** Read by the registry poll. */
    POISONED_RECORDS(
            "mirror_registry_poisoned_records",
            "Records that were set aside because they can't be read.");

    private final String meterName;
    private final String help;

    Meters(String meterName, String help) {
        this.meterName = meterName;
        this.help = help;
    }

    /**
     * Exports a value; the supplier must not block. It takes the place of one that a control plane
     * before in the same process exported.
     */
    public void export(MeterRegistry registry, Supplier<? extends Number> value) {
        registry.remove(meterName, List.of());
        registry.getOrCreate(
                Gauge.builder(meterName, () -> value.get().doubleValue()).description(help));
    }
}
