package live.mirror.control.registry;

/** Redis did not answer, or not in time. Whether the command took effect is unknown; try again. */
public final class RegistryAwayException extends RuntimeException {

    RegistryAwayException(String message) {
        super(message);
    }

    RegistryAwayException(String message, Throwable cause) {
        super(message, cause);
    }
}
