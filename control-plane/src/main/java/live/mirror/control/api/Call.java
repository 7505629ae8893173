package live.mirror.control.api;

import com.google.protobuf.Message;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Timestamps;

import io.helidon.http.HttpException;
import io.helidon.http.HttpMediaType;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;

import live.mirror.v1.Reason;

import java.text.ParseException;
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
        if (!request.query().contains(name)) {
            return 0;
        }
        String text = query(name);
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST, name + ": not a whole number of our size");
        }
        return Integer.parseInt(text);
    }

    /** A time by RFC 3339; the beginning of time when the parameter is not there. */
    Timestamp time(String name) {
        if (!request.query().contains(name)) {
            return Timestamp.getDefaultInstance();
        }
        try {
            return Timestamps.parse(query(name));
        } catch (ParseException e) {
            throw new ApiException(
                    Reason.REASON_INVALID_REQUEST,
                    name + ": a time by RFC 3339, such as 2026-01-31T14:03:00Z");
        }
    }

    /**
     * A value of an enum by the name that answers have; the first one when the parameter is not
     * there.
     */
    <E extends Enum<E>> E choice(String name, Class<E> type, String prefix) {
        boolean given = request.query().contains(name);
        String text = query(name);
        for (E value : type.getEnumConstants()) {
            if (!given || value.name().equals(prefix + text.toUpperCase(Locale.ROOT))) {
                return value;
            }
        }
        throw new ApiException(Reason.REASON_INVALID_REQUEST, name + ": unknown value");
    }

    /** Reads the body into a message. */
    <B extends Message.Builder> B body(B builder) {
        boolean json =
                request.headers()
                        .contentType()
                        .map(HttpMediaType::text)
                        .map(type -> type.toLowerCase(Locale.ROOT).split(";", 2)[0].strip())
                        .map(type -> type.equals("application/json"))
                        .orElse(true);
        if (!json) {
            throw new HttpException(
                    "the body has to be application/json", Status.UNSUPPORTED_MEDIA_TYPE_415);
        }
        ProtoJson.parse(text(), builder);
        return builder;
    }

    private String text() {
        try {
            return request.content().hasEntity() ? request.content().as(String.class) : "";
        } catch (RequestException | CloseConnectionException e) {
            throw e;
        } catch (RuntimeException e) {
            // Helidon 4.4.0 stumbles over a negative length and over chunks that are none. Where
            // the next request would begin is not known then.
            throw new HttpException(
                    "the body's length can't be read", Status.BAD_REQUEST_400, e, false);
        }
    }
}
