package live.mirror.control.api;

import com.google.protobuf.Message;

import io.helidon.webserver.http.ServerRequest;

import live.mirror.v1.Reason;

import java.util.Locale;
import java.util.Set;

/** A request as the handlers see it: parameters checked, errors as reasons. */
final class Call {

    private final ServerRequest request;

    Call(ServerRequest request) {
        this.request = request;
    }

    /** Refuses a query parameter that the route does not know, or that stands twice. */
    void require(Set<String> known) {
        for (String name : request.query().names()) {
            if (!known.contains(name)) {
                throw new ApiException(
                        Reason.REASON_INVALID_REQUEST, "there is no query parameter " + name);
            }
            if (request.query().all(name).size() != 1) {
                throw new ApiException(
                        Reason.REASON_INVALID_REQUEST,
                        "the query parameter " + name + " stands twice");
            }
        }
    }

    String path(String name) {
        return request.path().pathParameters().get(name);
    }

    String query(String name) {
        return request.query().contains(name) ? request.query().get(name) : "";
    }

    int number(String name) {
        String text = query(name);
        if (text.isEmpty()) {
            return 0;
        }
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new ApiException(Reason.REASON_INVALID_REQUEST, name + ": not a whole number");
        }
    }

    /**
     * A value of an enum by the name that answers have; the first one when the parameter is not
     * there.
     */
    <E extends Enum<E>> E choice(String name, Class<E> type, String prefix) {
        String text = query(name);
        for (E value : type.getEnumConstants()) {
            if (text.isEmpty() || value.name().equals(prefix + text.toUpperCase(Locale.ROOT))) {
                return value;
            }
        }
        throw new ApiException(Reason.REASON_INVALID_REQUEST, name + ": unknown value");
    }

    /** Reads the body into a message. */
    <B extends Message.Builder> B body(B builder) {
        ProtoJson.parse(
                request.content().hasEntity() ? request.content().as(String.class) : "", builder);
        return builder;
    }
}
