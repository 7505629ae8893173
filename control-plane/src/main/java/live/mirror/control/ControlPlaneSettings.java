package live.mirror.control;

import live.mirror.control.admission.AdmissionSettings;
import live.mirror.control.admission.ReconnectSettings;
import live.mirror.control.api.AccessSettings;
import live.mirror.control.registry.RegistrySettings;
import live.mirror.settings.SettingsReader;

import java.util.List;

/**
 * All settings of the control plane.
 *
 * @param server where it listens
 * @param registry how the registry is kept
 * @param admission how much is let in
 * @param access who may call the API
 * @param reconnect how long streams wait for their publishers
 */
record ControlPlaneSettings(
        ServerSettings server,
        RegistrySettings registry,
        AdmissionSettings admission,
        AccessSettings access,
        ReconnectSettings reconnect) {

    private static final List<String> ROOTS =
            List.of("server", "tls", "registry", "admission", "api", "reconnect");

    /**
     * Reads all of them.
     *
     * @throws live.mirror.settings.SettingsException when any is wrong
     */
    static ControlPlaneSettings read(SettingsReader settings) {
        ControlPlaneSettings read =
                new ControlPlaneSettings(
                        ServerSettings.read(settings),
                        RegistrySettings.read(settings),
                        AdmissionSettings.read(settings),
                        AccessSettings.read(settings),
                        ReconnectSettings.read(settings));
        settings.finish(ROOTS);
        return read;
    }
}
