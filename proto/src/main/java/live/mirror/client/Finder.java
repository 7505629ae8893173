package live.mirror.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.v1.Ended;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.Reason;
import live.mirror.v1.StreamStatus;

import org.jspecify.annotations.Nullable;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Decides where to subscribe, from what the control plane and the workers answer: at the address it
 * says, at the last one while it is away, nowhere for now, or nowhere for good. One thread.
 */
final class Finder {

    /** What to do next. */
    sealed interface Outcome {
        /** Subscribe there. */
        record At(String address) implements Outcome {}

        /** Nothing more will come. */
        record Over(Ended ended) implements Outcome {}

        /** Look again after a pause; the reason is what the end would be told with. */
        record Again(Reason reason, String why, Duration pause) implements Outcome {}
    }

    /** How long to wait before asking again for a stream that is nowhere just now. */
    private static final Duration NOWHERE = Duration.ofMillis(300);

    /**
     * How long to try before anything has ever worked: more likely a wrong address than a break.
     */
    private static final Duration AT_FIRST = Duration.ofSeconds(5);

    private final Locator locator;
    private final boolean waitForStream;
    private final Duration patience;
    private final Backoff backoff = new Backoff(RandomGenerator.getDefault());

    private @Nullable String movedTo;
    private @Nullable String lastAddress;
    private boolean started;
    private long lastGoodNs = System.nanoTime();

    Finder(Locator locator, boolean waitForStream, Duration patience) {
        this.locator = locator;
        this.waitForStream = waitForStream;
        this.patience = patience;
    }

    /** Where to go now. */
    Outcome find() {
        if (movedTo != null) {
            lastAddress = movedTo;
            movedTo = null;
            return new Outcome.At(lastAddress);
        }
        try {
            return located(locator.locate());
        } catch (StatusRuntimeException e) {
            return failed(e);
        }
    }

    /** A worker delivers: all is well. */
    void started() {
        started = true;
        good();
    }

    /** Something came. */
    void good() {
        lastGoodNs = System.nanoTime();
        backoff.reset();
    }

    /** A worker ended its part of the stream. */
    Outcome ended(Ended ended) {
        if (!ended.getMovedTo().isEmpty()) {
            movedTo = ended.getMovedTo();
            return new Outcome.Again(
                    ended.getReason(), "the stream has moved to " + movedTo, Duration.ZERO);
        }
        return switch (ended.getReason()) {
            case REASON_MOVED,
                    REASON_DRAINING,
                    REASON_FENCED,
                    REASON_TAKEN_OVER,
                    REASON_WORKER_LOST,
                    REASON_TOO_SLOW,
                    REASON_INTERNAL ->
                    again(
                            "the worker ended it: " + Reasons.name(ended.getReason()),
                            ended.getReason());
            default -> new Outcome.Over(ended);
        };
    }

    /** The call to a worker broke, or the worker refused. */
    Outcome broken(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED -> throw e;
            case RESOURCE_EXHAUSTED -> {
                if (!started) {
                    throw e;
                }
                yield again("worker: " + words(e.getStatus()), Reason.REASON_CAPACITY);
            }
            default -> again("worker: " + words(e.getStatus()), Reason.REASON_WORKER_LOST);
        };
    }

    /** The stream is known to be elsewhere now. */
    Outcome moved(String address) {
        movedTo = address;
        return new Outcome.Again(
                Reason.REASON_MOVED, "the stream is at " + address + " now", Duration.ZERO);
    }

    private Outcome located(LocateStreamResponse location) {
        if (location.getStatus() == StreamStatus.STREAM_STATUS_STOPPED) {
            return nowhere(
                    location.getReason() == Reason.REASON_UNSPECIFIED
                            ? Reason.REASON_WINDOW_OVER
                            : location.getReason());
        }
        if (location.getDeliveryAddress().isEmpty()) {
            lastGoodNs = System.nanoTime();
            return new Outcome.Again(
                    Reason.REASON_PUBLISHER_LOST, "no worker has the stream", NOWHERE);
        }
        lastAddress = location.getDeliveryAddress();
        return new Outcome.At(lastAddress);
    }

    private Outcome failed(StatusRuntimeException e) {
        return switch (e.getStatus().getCode()) {
            case NOT_FOUND -> nowhere(Reasons.of(e).orElse(Reason.REASON_NOT_FOUND));
            case INVALID_ARGUMENT, PERMISSION_DENIED, UNAUTHENTICATED, UNIMPLEMENTED -> throw e;
            default ->
                    lastAddress == null
                            ? again(
                                    "control plane: " + words(e.getStatus()),
                                    Reason.REASON_CONTROL_PLANE_AWAY)
                            : new Outcome.At(lastAddress);
        };
    }

    /** The control plane knows no such stream, or that it has stopped. */
    private Outcome nowhere(Reason reason) {
        return waitForStream && !started
                ? new Outcome.Again(reason, "the stream is not there yet", NOWHERE)
                : new Outcome.Over(Ended.newBuilder().setReason(reason).build());
    }

    private Outcome again(String why, Reason reason) {
        Duration limit = started || patience.compareTo(AT_FIRST) < 0 ? patience : AT_FIRST;
        boolean lost = System.nanoTime() - lastGoodNs > limit.toNanos();
        return lost && (started || !waitForStream)
                ? new Outcome.Over(Ended.newBuilder().setReason(reason).build())
                : new Outcome.Again(reason, why, backoff.next());
    }

    static String words(Status status) {
        String description =
                status.getDescription() == null ? status.getCode().name() : status.getDescription();
        // "io exception" is all that gRPC says of a refused connection; the cause names the
        // address.
        return status.getCause() == null
                ? description
                : description + ": " + status.getCause().getMessage();
    }
}
