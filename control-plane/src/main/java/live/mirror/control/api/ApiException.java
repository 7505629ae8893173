package live.mirror.control.api;

import live.mirror.v1.Reason;

/** A request that can't be answered as asked; one reason for gRPC and HTTP. */
final class ApiException extends RuntimeException {

    private final Reason reason;

    ApiException(Reason reason, String detail) {
        super(detail);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    String detail() {
        return String.valueOf(getMessage());
    }
}
