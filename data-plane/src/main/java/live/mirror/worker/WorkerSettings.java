package live.mirror.worker;

import live.mirror.delivery.DeliverySettings;
import live.mirror.link.LinkSettings;
import live.mirror.receive.rtp.RtpSettings;
import live.mirror.receive.srt.SrtSettings;
import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;
import live.mirror.stream.RingSizing;
import live.mirror.v1.WorkerCapacity;

import java.util.List;

/**
 * All of a worker's settings.
 *
 * @param id names the worker in the cluster; {@code worker.id}, default {@code w1}; no two workers
 *     may have the same
 * @param advertisedHost under which publishers and packagers reach this machine; {@code
 *     worker.advertised-host}, default 127.0.0.1
 * @param capacity {@code worker.max-streams}, 1 to 10,000, default 200; {@code worker.max-mbps},
 *     megabits per second, 0 to 1,000,000, default 0, which means no limit
 * @param admin metrics and health; {@code worker.admin}, default 127.0.0.1:9091
 */
record WorkerSettings(
        String id,
        String advertisedHost,
        WorkerCapacity capacity,
        HostPort admin,
        RingSizing ring,
        SrtSettings srt,
        RtpSettings rtp,
        DeliverySettings delivery,
        LinkSettings link) {

    private static final List<String> ROOTS =
            List.of("worker", "srt", "rtp", "delivery", "link", "ring");

    /**
     * Reads all settings.
     *
     * @throws live.mirror.settings.SettingsException when any is wrong
     */
    static WorkerSettings read(SettingsReader settings) {
        WorkerSettings read =
                new WorkerSettings(
                        settings.text(
                                "worker.id",
                                "w1",
                                id -> id.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}"),
                                "1 to 64 characters out of A-Z a-z 0-9 . _ - beginning with a"
                                        + " letter or a digit"),
                        settings.text(
                                "worker.advertised-host",
                                "127.0.0.1",
                                host -> host.matches("[A-Za-z0-9.:\\[\\]-]+"),
                                "a host name or an address"),
                        WorkerCapacity.newBuilder()
                                .setStreams(settings.integer("worker.max-streams", 200, 1, 10_000))
                                .setKbps(
                                        1_000 * settings.number("worker.max-mbps", 0, 0, 1_000_000))
                                .build(),
                        settings.address("worker.admin", "127.0.0.1:9091"),
                        RingSizing.read(settings),
                        SrtSettings.read(settings),
                        RtpSettings.read(settings),
                        DeliverySettings.read(settings),
                        LinkSettings.read(settings));
        settings.finish(ROOTS);
        return read;
    }
}
