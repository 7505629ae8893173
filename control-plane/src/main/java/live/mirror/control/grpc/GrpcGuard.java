package live.mirror.control.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Deadline;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Stands first in front of every service. Helidon 4.4.0 gives a throwing handler's client no
 * answer, ignores deadlines, breaks its connection on a status text that is not ASCII, and keeps
 * the thread of a stream whose peer is dead; each of these is caught here. A stream that is never
 * written to can't be helped, so every stream of ours has a heartbeat.
 */
public final class GrpcGuard implements ServerInterceptor, AutoCloseable {

    private static final Logger LOG = System.getLogger(GrpcGuard.class.getName());
    private static final Metadata.Key<String> TIMEOUT =
            Metadata.Key.of("grpc-timeout", Metadata.ASCII_STRING_MARSHALLER);

    private final ScheduledThreadPoolExecutor timer;

    /** Starts the timer of the deadlines. */
    public GrpcGuard() {
        timer =
                new ScheduledThreadPoolExecutor(
                        1, Thread.ofPlatform().daemon().name("grpc-deadlines").factory());
        timer.setRemoveOnCancelPolicy(true);
    }

    @Override
    public <Q, R> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
        Context.CancellableContext context = context(headers);
        GuardedCall<Q, R> guarded = new GuardedCall<>(call, context, Thread.currentThread());
        context.addListener(
                cancelled -> {
                    if (cancelled.cancellationCause()
                            instanceof java.util.concurrent.TimeoutException) {
                        guarded.close(
                                Status.DEADLINE_EXCEEDED.withDescription("the deadline is over"),
                                new Metadata());
                    }
                },
                Runnable::run);
        try {
            return new GuardedListener<>(
                    Contexts.interceptCall(context, guarded, headers, next), guarded);
        } catch (RuntimeException e) {
            guarded.fail(e);
            return new ServerCall.Listener<>() {};
        }
    }

    private Context.CancellableContext context(Metadata headers) {
        String timeout = headers.get(TIMEOUT);
        Long nanos = timeout == null ? null : parseTimeout(timeout);
        return nanos == null
                ? Context.current().withCancellation()
                : Context.current()
                        .withDeadline(Deadline.after(nanos, TimeUnit.NANOSECONDS), timer);
    }

    /** PROTOCOL-HTTP2.md: TimeoutValue of at most 8 digits, then TimeoutUnit. */
    static @Nullable Long parseTimeout(String text) {
        if (!text.matches("\\d{1,8}[HMSmun]")) {
            return null;
        }
        long value = Long.parseLong(text.substring(0, text.length() - 1));
        return switch (text.charAt(text.length() - 1)) {
            case 'H' -> TimeUnit.HOURS.toNanos(value);
            case 'M' -> TimeUnit.MINUTES.toNanos(value);
            case 'S' -> TimeUnit.SECONDS.toNanos(value);
            case 'm' -> TimeUnit.MILLISECONDS.toNanos(value);
            case 'u' -> TimeUnit.MICROSECONDS.toNanos(value);
            default -> value;
        };
    }

    /** A description as it may stand in a header: PROTOCOL-HTTP2.md's Percent-Encoded. */
    static String encode(String text) {
        StringBuilder encoded = new StringBuilder(text.length());
        for (byte b : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(String.format("%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }

    /** Closes once, whoever asks first: handler, deadline or a failed write. */
    private static final class GuardedCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
        private final Context.CancellableContext context;
        private final Thread streamThread;
        private final AtomicBoolean closed = new AtomicBoolean();
        private volatile boolean cancelled;

        GuardedCall(
                ServerCall<Q, R> call, Context.CancellableContext context, Thread streamThread) {
            super(call);
            this.context = context;
            this.streamThread = streamThread;
        }

        @Override
        public void sendHeaders(Metadata headers) {
            try {
                super.sendHeaders(headers);
            } catch (RuntimeException e) {
                writeFailed(e);
                throw peerGone();
            }
        }

        @Override
        public void sendMessage(R message) {
            try {
                super.sendMessage(message);
            } catch (RuntimeException e) {
                writeFailed(e);
                throw peerGone();
            }
        }

        private static StatusRuntimeException peerGone() {
            return Status.CANCELLED.withDescription("the peer is gone").asRuntimeException();
        }

        @Override
        public void close(Status status, Metadata trailers) {
            if (!closed.compareAndSet(false, true)) {
                return;
            }
            try {
                String description = status.getDescription();
                super.close(
                        description == null ? status : status.withDescription(encode(description)),
                        trailers);
            } catch (RuntimeException e) {
                // Nobody is there to hear it.
                LOG.log(Level.DEBUG, "a status could not be told", e);
                streamThread.interrupt();
            } finally {
                context.cancel(null);
            }
        }

        @Override
        public boolean isCancelled() {
            return cancelled || super.isCancelled();
        }

        void cancel() {
            cancelled = true;
            context.cancel(null);
        }

        void fail(RuntimeException e) {
            if (e instanceof StatusRuntimeException status) {
                Metadata trailers = status.getTrailers();
                close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            } else if (e.getCause() instanceof StatusException status) {
                close(status.getStatus(), new Metadata());
            } else if (!closed.get()) {
                LOG.log(
                        Level.ERROR,
                        "a handler failed: " + getMethodDescriptor().getFullMethodName(),
                        e);
                close(Status.INTERNAL.withDescription("a fault of Mirror itself"), new Metadata());
            }
        }

        private void writeFailed(RuntimeException e) {
            boolean stalled =
                    !(e instanceof UncheckedIOException)
                            && String.valueOf(e.getMessage()).contains("low control");
            if (stalled) {
                close(Status.RESOURCE_EXHAUSTED.withDescription("reader too slow"), new Metadata());
            }
            cancel();
            // Makes Helidon drop the stream, which it parks for ever otherwise.
            streamThread.interrupt();
        }
    }

    private static final class GuardedListener<Q> extends SimpleForwardingServerCallListener<Q> {
        private final GuardedCall<Q, ?> call;
        private final AtomicBoolean cancelTold = new AtomicBoolean();

        GuardedListener(ServerCall.Listener<Q> delegate, GuardedCall<Q, ?> call) {
            super(delegate);
            this.call = call;
        }

        @Override
        public void onMessage(Q message) {
            guarded(() -> super.onMessage(message));
        }

        @Override
        public void onHalfClose() {
            guarded(super::onHalfClose);
        }

        @Override
        public void onReady() {
            guarded(super::onReady);
        }

        @Override
        public void onCancel() {
            if (cancelTold.compareAndSet(false, true)) {
                call.cancel();
                guarded(super::onCancel);
            }
        }

        private void guarded(Runnable step) {
            try {
                step.run();
            } catch (RuntimeException e) {
                call.fail(e);
            }
        }
    }
}
