package live.mirror.client;

/** The command line can't be understood; the message says why. */
final class UsageException extends RuntimeException {

    UsageException(String message) {
        super(message);
    }
}
