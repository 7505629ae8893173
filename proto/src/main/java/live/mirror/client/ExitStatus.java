package live.mirror.client;

import io.grpc.StatusRuntimeException;

/** How a command ended, for whoever called it. The usage texts list these. */
enum ExitStatus {
    /** As it should. */
    OK(0),
    /** Something failed that none of the others names. */
    FAILED(1),
    /** The command line was wrong. */
    USAGE(2),
    /** There is no such stream. */
    NOT_FOUND(3),
    /** The control plane, or the worker, can't be reached. */
    UNREACHABLE(4),
    /** Control plane or worker refused. */
    REFUSED(5);

    static final String TABLE =
            """
            Exit status: 0 as it should; 1 failed; 2 wrong usage; 3 no such stream;
            4 control plane or worker can't be reached; 5 refused.\
            """;

    private final int status;

    ExitStatus(int status) {
        this.status = status;
    }

    int status() {
        return status;
    }

    static ExitStatus of(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case NOT_FOUND -> NOT_FOUND;
            case UNAVAILABLE, DEADLINE_EXCEEDED -> UNREACHABLE;
            case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, RESOURCE_EXHAUSTED ->
                    REFUSED;
            default -> FAILED;
        };
    }
}
