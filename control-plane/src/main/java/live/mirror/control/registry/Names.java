package live.mirror.control.registry;

import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamStatus;

/** Enum values as they stand in Redis: without the prefix of their type. */
final class Names {

    private static final String STATUS = "STREAM_STATUS_";
    private static final String PROTOCOL = "PROTOCOL_";
    private static final String REASON = "REASON_";

    private Names() {}

    static String of(StreamStatus status) {
        return status.name().substring(STATUS.length());
    }

    static String of(Protocol protocol) {
        return protocol.name().substring(PROTOCOL.length());
    }

    static String of(Reason reason) {
        return reason.name().substring(REASON.length());
    }

    static StreamStatus status(String name) {
        for (StreamStatus status : StreamStatus.values()) {
            if (status.name().equals(STATUS + name)) {
                return status;
            }
        }
        return StreamStatus.STREAM_STATUS_UNSPECIFIED;
    }

    static Protocol protocol(String name) {
        for (Protocol protocol : Protocol.values()) {
            if (protocol.name().equals(PROTOCOL + name)) {
                return protocol;
            }
        }
        return Protocol.PROTOCOL_UNSPECIFIED;
    }

    static Reason reason(String name) {
        for (Reason reason : Reason.values()) {
            if (reason.name().equals(REASON + name)) {
                return reason;
            }
        }
        return Reason.REASON_UNSPECIFIED;
    }

    static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            // A field that somebody else wrote; the scripts set aside records that can't be used at
            // all.
            return 0;
        }
    }
}
