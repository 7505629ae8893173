package live.mirror.client;

import io.grpc.StatusRuntimeException;

import live.mirror.contract.Reasons;
import live.mirror.v1.AfterLapped;
import live.mirror.v1.Chunk;
import live.mirror.v1.Discontinuity;
import live.mirror.v1.Ended;
import live.mirror.v1.PayloadForm;
import live.mirror.v1.Reason;
import live.mirror.v1.Started;
import live.mirror.v1.StateChanged;
import live.mirror.v1.StreamStatus;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code subscribe}: media to standard output, events to standard error, one line each. */
final class SubscribeCommand implements SubscriptionHandler {

    private static final String USAGE =
            """
            Usage: mirror subscribe STREAM [OPTION...]

            Writes the stream's media to standard output, exactly as they came from the publisher,
            and what happens to it to standard error, one line per event.

              --from live|keyframe|oldest   where to begin: with the next packet, at the last point where a
                                            decoder can begin (the default), or with the oldest that is kept
              --after-lapped keyframe|live  where to go on after having been too slow; default keyframe
              --access-units                RTP's H.264, H.265, AAC as access units (annex B, ADTS), not packets
              --seconds N                   ends after so many seconds
              --wait                        waits for a stream that is not there yet
              --control-plane HOST:PORT     default 127.0.0.1:8080
              --ca FILE                     TLS to control plane and workers, trusting these authorities (PEM)
              --token-file FILE             its first line is sent as a bearer token with every call
              --unix-socket PATH            delivery socket of a worker on this machine, asked first
              --quiet                       no events
              --help

            Ends when the stream is over, after --seconds, when nobody reads standard output any more (0), and
            on SIGINT and SIGTERM (130, 143).
            """
                    + ExitStatus.TABLE;

    /** How long a signal waits until what was received is written. */
    private static final Duration LAST_WRITE = Duration.ofSeconds(1);

    private final OutputStream media;
    private final PrintStream events;
    private boolean readerGone;
    private boolean started;
    private long bytes;
    private Reason lastReason = Reason.REASON_UNSPECIFIED;
    private String lastInterruption = "";

    private SubscribeCommand(OutputStream media, PrintStream events) {
        this.media = media;
        this.events = events;
    }

    static ExitStatus run(String[] rest) throws InterruptedException {
        Arguments arguments =
                new Arguments(
                        rest,
                        Set.of(
                                "--from",
                                "--after-lapped",
                                "--seconds",
                                "--control-plane",
                                "--ca",
                                "--token-file",
                                "--unix-socket"),
                        Set.of("--access-units", "--wait", "--quiet", "--help"));
        if (arguments.has("--help")) {
            System.err.println(USAGE);
            return ExitStatus.OK;
        }
        PrintStream events =
                arguments.has("--quiet")
                        ? new PrintStream(OutputStream.nullOutputStream(), true)
                        : System.err;
        SubscribeCommand command =
                new SubscribeCommand(new FileOutputStream(FileDescriptor.out), events);
        Integer seconds = arguments.wholeNumber("--seconds");
        try (MirrorSubscriber subscriber = subscriber(arguments)) {
            return command.run(subscriber, seconds == null ? 0 : seconds);
        }
    }

    private static MirrorSubscriber subscriber(Arguments arguments) {
        MirrorSubscriber.Builder builder = MirrorSubscriber.to(arguments.only("STREAM"));
        String socket = arguments.value("--unix-socket", "");
        if (!socket.isEmpty()) {
            builder.unixSocket(Path.of(socket));
        }
        arguments.token().map(Channels::bearer).ifPresent(builder::credentials);
        return builder.channels(arguments.channels())
                .controlPlane(arguments.value("--control-plane", "127.0.0.1:8080"))
                .waitForStream(arguments.has("--wait"))
                .payloadForm(
                        arguments.has("--access-units")
                                ? PayloadForm.PAYLOAD_FORM_ACCESS_UNITS
                                : PayloadForm.PAYLOAD_FORM_UNSPECIFIED)
                .from(
                        switch (arguments.value("--from", "keyframe")) {
                            case "live" -> StartAt.LIVE;
                            case "keyframe" -> StartAt.RANDOM_ACCESS;
                            case "oldest" -> StartAt.OLDEST;
                            default ->
                                    throw new UsageException(
                                            "--from is one of live, keyframe, oldest");
                        })
                .afterLapped(
                        switch (arguments.value("--after-lapped", "keyframe")) {
                            case "keyframe" -> AfterLapped.AFTER_LAPPED_UNSPECIFIED;
                            case "live" -> AfterLapped.AFTER_LAPPED_LIVE;
                            default ->
                                    throw new UsageException(
                                            "--after-lapped is one of keyframe, live");
                        })
                .build();
    }

    private ExitStatus run(MirrorSubscriber subscriber, int seconds) throws InterruptedException {
        CountDownLatch written = new CountDownLatch(1);
        Thread onSignal = new Thread(() -> closeAndWait(subscriber, written), "on-signal");
        Runtime.getRuntime().addShutdownHook(onSignal);
        if (seconds > 0) {
            Thread.ofVirtual()
                    .name("seconds")
                    .start(() -> closeAfter(subscriber, Duration.ofSeconds(seconds), written));
        }
        try {
            return exitStatus(subscriber.run(this));
        } catch (StatusRuntimeException e) {
            events.println(
                    "refused " + e.getStatus().getCode() + ": " + e.getStatus().getDescription());
            return ExitStatus.of(e);
        } catch (IOException e) {
            if (readerGone) {
                return ExitStatus.OK;
            }
            events.println("failed: " + e.getMessage());
            return ExitStatus.FAILED;
        } finally {
            written.countDown();
        }
    }

    private ExitStatus exitStatus(Ended ended) {
        if (ended.getReason() == Reason.REASON_UNSPECIFIED) {
            return started ? ExitStatus.OK : statusOf(lastReason);
        }
        events.println("over " + Reasons.name(ended.getReason()) + " after " + bytes + " bytes");
        return started ? ExitStatus.OK : statusOf(ended.getReason());
    }

    /** What a subscription that never began comes to. */
    private static ExitStatus statusOf(Reason reason) {
        return switch (reason) {
            case REASON_NOT_FOUND, REASON_WINDOW_OVER, REASON_PUBLISHER_LOST ->
                    ExitStatus.NOT_FOUND;
            case REASON_CONTROL_PLANE_AWAY, REASON_WORKER_LOST -> ExitStatus.UNREACHABLE;
            default -> ExitStatus.OK;
        };
    }

    @Override
    public void onMedia(Chunk chunk) throws IOException {
        try {
            chunk.getPayload().writeTo(media);
        } catch (IOException e) {
            // Java ignores SIGPIPE and fails the write instead; any other fault of a pipe is told.
            readerGone = "Broken pipe".equals(e.getMessage());
            throw e;
        }
        bytes += chunk.getPayload().size();
        lastInterruption = "";
    }

    @Override
    public void onStarted(Started start) {
        started = true;
        events.println(
                "started epoch=%d position=%d status=%s at-keyframe=%s worker=%s"
                        .formatted(
                                start.getEpoch(),
                                start.getPosition(),
                                word(start.getStatus()),
                                start.getAtRandomAccess(),
                                start.getWorker()));
    }

    @Override
    public void onDiscontinuity(Discontinuity gap) {
        events.println(
                "discontinuity %s lost-bytes=%d lost-packets=%d exact=%s gap-ms=%d epoch=%d position=%d"
                        .formatted(
                                gap.getCause().name().substring("DISCONTINUITY_CAUSE_".length()),
                                gap.getLostBytes(),
                                gap.getLostPackets(),
                                gap.getLossesKnown(),
                                gap.getGapMs(),
                                gap.getEpoch(),
                                gap.getPosition()));
    }

    @Override
    public void onStateChanged(StateChanged change) {
        events.println(
                "status %s epoch=%d%s%s"
                        .formatted(
                                word(change.getStatus()),
                                change.getEpoch(),
                                change.getReason() == Reason.REASON_UNSPECIFIED
                                        ? ""
                                        : " reason=" + Reasons.name(change.getReason()),
                                change.getWindowLeftMs() == 0
                                        ? ""
                                        : " window-left-ms=" + change.getWindowLeftMs()));
    }

    @Override
    public void onEnded(Ended ended) {
        events.println(
                "ended %s%s"
                        .formatted(
                                Reasons.name(ended.getReason()),
                                ended.getMovedTo().isEmpty()
                                        ? ""
                                        : " moved-to=" + ended.getMovedTo()));
    }

    @Override
    public void onInterrupted(Reason reason, String why) {
        lastReason = reason;
        if (!why.equals(lastInterruption)) {
            events.println("interrupted: " + why);
            lastInterruption = why;
        }
    }

    private static void closeAndWait(MirrorSubscriber subscriber, CountDownLatch written) {
        subscriber.close();
        await(written, LAST_WRITE);
    }

    private static void closeAfter(
            MirrorSubscriber subscriber, Duration time, CountDownLatch written) {
        await(written, time);
        subscriber.close();
    }

    private static void await(CountDownLatch latch, Duration atMost) {
        try {
            boolean inTime = latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
            if (!inTime) {
                return;
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String word(StreamStatus status) {
        return status.name().substring("STREAM_STATUS_".length());
    }
}
