package live.mirror.control;

import live.mirror.settings.HostPort;
import live.mirror.settings.SettingsReader;

/**
 * Where the control plane listens.
 *
 * @param http HTTP API and public gRPC
 * @param link workers; internal
 * @param admin metrics and health
 */
record ServerSettings(HostPort http, HostPort link, HostPort admin) {

    static ServerSettings read(SettingsReader settings) {
        return new ServerSettings(
                settings.address("server.http", "127.0.0.1:8080"),
                settings.address("server.link", "127.0.0.1:8081"),
                settings.address("server.admin", "127.0.0.1:8082"));
    }
}
