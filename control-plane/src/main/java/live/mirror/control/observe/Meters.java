package live.mirror.control.observe;

import io.helidon.metrics.api.Gauge;
import io.helidon.metrics.api.MeterRegistry;

import live.mirror.control.connection.Ending;

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

    /** Read from the API. */
    REFUSED_BY_TOKEN(
            "mirror_api_refused_by_token_total",
            "Calls of the API that showed no token, a wrong one, or one that does not allow them."),

    /** Read from the listeners. */
    CONNECTIONS("mirror_connections", "Connections of all three listeners."),

    /** Read from the listeners. */
    CONNECTIONS_LATE(
            "mirror_connections_late_total",
            "Connections that were ended since a request, or a handshake, was not whole in time."),

    /** Read from the listeners. */
    CONNECTIONS_STALLED(
            "mirror_connections_stalled_total",
            "Connections that were ended since their peer took nothing of an answer in time."),

    /** Read from the listeners. */
    CONNECTIONS_IDLE(
            "mirror_connections_idle_total",
            "Connections that were ended since there was no request for a long time."),

    /** Read from the listeners. */
    CONNECTIONS_DISPLACED(
            "mirror_connections_displaced_total",
            "Connections that were ended while they waited for their peer, to make room."),

    /** Read from the listeners. */
    CONNECTIONS_REFUSED(
            "mirror_connections_refused_total",
            "Connections that found every place taken by somebody who was being served."),

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

    /** The one that counts connections which were ended like that. */
    public static Meters of(Ending ending) {
        return switch (ending) {
            case LATE -> CONNECTIONS_LATE;
            case STALLED -> CONNECTIONS_STALLED;
            case IDLE -> CONNECTIONS_IDLE;
            case DISPLACED -> CONNECTIONS_DISPLACED;
            case REFUSED -> CONNECTIONS_REFUSED;
        };
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
