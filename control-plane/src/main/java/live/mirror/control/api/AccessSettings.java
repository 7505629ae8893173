package live.mirror.control.api;

import live.mirror.settings.SettingsReader;
import live.mirror.settings.TokenFile;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Who may call the API. With neither file, everybody may do everything.
 *
 * @param tokenFile tokens, one a line, of who may do everything
 * @param viewerTokenFile tokens, one a line, of who may read
 */
public record AccessSettings(Optional<Path> tokenFile, Optional<Path> viewerTokenFile) {

    /** Reads them. */
    public static AccessSettings read(SettingsReader settings) {
        return new AccessSettings(
                TokenFile.setting(settings, "api.token-file"),
                TokenFile.setting(settings, "api.viewer-token-file"));
    }

    /** Whether a token is asked for. */
    public boolean asks() {
        return tokenFile.isPresent() || viewerTokenFile.isPresent();
    }
}
