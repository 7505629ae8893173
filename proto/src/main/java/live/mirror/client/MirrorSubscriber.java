package live.mirror.client;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.StatusRuntimeException;

import live.mirror.client.Finder.Outcome;
import live.mirror.v1.AfterLapped;
import live.mirror.v1.Chunk;
import live.mirror.v1.Ended;
import live.mirror.v1.LocateStreamResponse;
import live.mirror.v1.PayloadForm;
import live.mirror.v1.Reason;
import live.mirror.v1.StartResume;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.SubscribeRequest;
import live.mirror.v1.SubscribeResponse;

import org.jspecify.annotations.Nullable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Brings one stream's media to one packager, through everything that may happen to publisher,
 * worker, control plane and network in between. Every byte comes once and in order, or is told as
 * lost by a discontinuity.
 *
 * <pre>{@code
 * try (MirrorSubscriber subscriber =
 *         MirrorSubscriber.to("cam1").controlPlane("10.0.0.5:8080").build()) {
 *     subscriber.run(chunk -> chunk.getPayload().writeTo(segmenter));
 * }
 * }</pre>
 *
 * <p>{@link #run} works on the calling thread, a virtual one will do; {@link #close} ends it from
 * any other.
 */
public final class MirrorSubscriber implements AutoCloseable {

    /** While the publisher is gone, the control plane is asked so often where it came back. */
    private static final Duration RECONNECTING_GLANCE = Duration.ofMillis(300);

    /** The same when media should come and do not. */
    private static final Duration SILENT_GLANCE = Duration.ofSeconds(1);

    /** How soon {@link #close} is noticed, and an answer of the control plane. */
    private static final Duration LOOK_UP = Duration.ofMillis(100);

    private final Builder settings;
    private final CallOptions callOptions;
    private final Locator locator;
    private final Finder finder;
    private final CountDownLatch closed = new CountDownLatch(1);

    // The running thread's own.
    private @Nullable StartResume resume;
    private StreamStatus status = StreamStatus.STREAM_STATUS_UNSPECIFIED;
    private long epoch;
    private boolean delivered;

    private MirrorSubscriber(Builder settings) {
        this.settings = settings;
        resume = settings.resume;
        callOptions =
                settings.credentials == null
                        ? CallOptions.DEFAULT
                        : CallOptions.DEFAULT.withCallCredentials(settings.credentials);
        locator =
                new Locator(
                        settings.channels.apply(settings.controlPlane).build(),
                        callOptions,
                        settings.streamId);
        finder = new Finder(locator, settings.waitForStream, settings.patience);
    }

    /** A subscriber to this stream, with everything else at its default. */
    public static Builder to(String streamId) {
        return new Builder(streamId);
    }

    /**
     * Subscribes and hands everything to the handler until the stream is over, {@link #close} is
     * called, or nothing can be done any more.
     *
     * @return why it ended; REASON_UNSPECIFIED after {@link #close}
     * @throws IOException what the handler threw
     * @throws StatusRuntimeException when control plane or worker refuse for good
     */
    public Ended run(SubscriptionHandler handler) throws IOException, InterruptedException {
        while (closed.getCount() > 0) {
            Outcome outcome = finder.find();
            if (outcome instanceof Outcome.At(String address)) {
                outcome = subscribeNear(address, handler);
            }
            if (closed.getCount() == 0) {
                break;
            }
            switch (outcome) {
                case Outcome.At _ -> {}
                case Outcome.Over(Ended ended) -> {
                    return ended;
                }
                case Outcome.Again(Reason reason, String why, Duration pause) -> {
                    handler.onInterrupted(reason, why);
                    closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                }
            }
        }
        return Ended.getDefaultInstance();
    }

    /** The same into a stream of bytes, which is flushed after each chunk and not closed. */
    public Ended writeTo(OutputStream out) throws IOException, InterruptedException {
        return run(chunk -> {
            chunk.getPayload().writeTo(out);
            out.flush();
        });
    }

    /** Ends {@link #run} soon; any thread. */
    @Override
    public void close() {
        closed.countDown();
        locator.close();
    }

    /** By the Unix socket, if there is one and its worker has the stream; otherwise as located. */
    private Outcome subscribeNear(String address, SubscriptionHandler handler)
            throws IOException, InterruptedException {
        Path socket = settings.unixSocket;
        if (socket != null && Files.exists(socket)) {
            delivered = false;
            Outcome outcome =
                    subscribe(Channels.plaintext(Channels.UNIX + socket), address, handler);
            if (delivered || closed.getCount() == 0) {
                return outcome;
            }
        }
        return subscribe(settings.channels.apply(address), address, handler);
    }

    /** One subscription at one worker, until it ends or breaks. */
    private Outcome subscribe(
            ManagedChannelBuilder<?> to, String address, SubscriptionHandler handler)
            throws IOException, InterruptedException {
        ManagedChannel channel = to.build();
        try (DeliveryCall call = new DeliveryCall(channel, callOptions, request())) {
            long lastItemNs = System.nanoTime();
            while (closed.getCount() > 0) {
                DeliveryCall.Item item = call.next(LOOK_UP);
                switch (item) {
                    case null -> {
                        String elsewhere = glance(address, System.nanoTime() - lastItemNs);
                        if (elsewhere != null) {
                            return finder.moved(elsewhere);
                        }
                    }
                    case DeliveryCall.Item.Event(SubscribeResponse event) -> {
                        lastItemNs = System.nanoTime();
                        finder.good();
                        if (event.hasEnded()) {
                            handler.onEnded(event.getEnded());
                            return finder.ended(event.getEnded());
                        }
                        handle(event, handler);
                    }
                    case DeliveryCall.Item.Closed(StatusRuntimeException why) -> {
                        return finder.broken(why);
                    }
                }
            }
            return new Outcome.Over(Ended.getDefaultInstance());
        }
    }

    private void handle(SubscribeResponse event, SubscriptionHandler handler) throws IOException {
        switch (event.getEventCase()) {
            case STARTED -> {
                finder.started();
                delivered = true;
                status = event.getStarted().getStatus();
                epoch = event.getStarted().getEpoch();
                handler.onStarted(event.getStarted());
            }
            case CHUNK -> {
                handler.onMedia(event.getChunk());
                resume = behind(event.getChunk());
            }
            case DISCONTINUITY -> handler.onDiscontinuity(event.getDiscontinuity());
            case STATE_CHANGED -> {
                status = event.getStateChanged().getStatus();
                epoch = event.getStateChanged().getEpoch();
                handler.onStateChanged(event.getStateChanged());
            }
            case ENDED, EVENT_NOT_SET -> {
                // The end is the caller's; an event of a later version is none of ours.
            }
        }
    }

    /** Whether a newer publisher is at another worker, after so much silence here. */
    private @Nullable String glance(String address, long silentNs) throws InterruptedException {
        Duration due =
                status == StreamStatus.STREAM_STATUS_RECONNECTING
                        ? RECONNECTING_GLANCE
                        : SILENT_GLANCE;
        if (silentNs < due.toNanos()) {
            return null;
        }
        LocateStreamResponse location = locator.glance();
        return location == null
                        || location.getEpoch() <= epoch
                        || location.getDeliveryAddress().isEmpty()
                        || location.getDeliveryAddress().equals(address)
                ? null
                : location.getDeliveryAddress();
    }

    private SubscribeRequest request() {
        SubscribeRequest.Builder request =
                SubscribeRequest.newBuilder()
                        .setStreamId(settings.streamId)
                        .setMaxChunkBytes(settings.maxChunkBytes)
                        .setAfterLapped(settings.afterLapped)
                        .setPayloadForm(settings.payloadForm);
        if (resume == null) {
            settings.startAt.in(request);
        } else {
            request.setResume(resume);
        }
        return request.build();
    }

    /**
     * The place right behind a chunk. Who keeps it with what it has stored can go on there after
     * its own process was killed: {@link Builder#resume}.
     */
    public static StartResume behind(Chunk chunk) {
        boolean units = chunk.getAccessUnitsCount() > 0;
        long mediaBytes = units ? chunk.getMediaBytes() : chunk.getPayload().size();
        return StartResume.newBuilder()
                .setEpoch(chunk.getEpoch())
                .setPosition(chunk.getPosition() + mediaBytes)
                .setPacket(chunk.getPacket() + chunk.getPacketCount())
                .build();
    }

    /** How a subscriber behaves. One thread. */
    public static final class Builder {

        private final String streamId;
        private String controlPlane = "127.0.0.1:8080";
        private StartAt startAt = StartAt.RANDOM_ACCESS;
        private @Nullable StartResume resume;
        private AfterLapped afterLapped = AfterLapped.AFTER_LAPPED_UNSPECIFIED;
        private PayloadForm payloadForm = PayloadForm.PAYLOAD_FORM_UNSPECIFIED;
        private int maxChunkBytes;
        private boolean waitForStream;
        private Duration patience = Duration.ofMinutes(2);
        private @Nullable Path unixSocket;
        private @Nullable CallCredentials credentials;
        private Function<String, ManagedChannelBuilder<?>> channels = Channels::plaintext;

        private Builder(String streamId) {
            this.streamId = streamId;
        }

        /** host:port of the control plane's public gRPC; 127.0.0.1:8080 when not set. */
        public Builder controlPlane(String hostAndPort) {
            controlPlane = hostAndPort;
            return this;
        }

        /** Where to begin; at the last random access point when not set. */
        public Builder from(StartAt start) {
            startAt = start;
            return this;
        }

        /**
         * Begins where an earlier subscriber stopped, by {@link MirrorSubscriber#behind} of the
         * last chunk that it has dealt with. What is missing since then is told by a discontinuity.
         */
        public Builder resume(StartResume place) {
            resume = place;
            return this;
        }

        /** Where to go on after having been too slow. */
        public Builder afterLapped(AfterLapped choice) {
            afterLapped = choice;
            return this;
        }

        /** In which form media come; as from the publisher when not set. */
        public Builder payloadForm(PayloadForm form) {
            payloadForm = form;
            return this;
        }

        /** Media bytes in one chunk at most, 1,500 to 65,536; 0 for the worker's default. */
        public Builder maxChunkBytes(int bytes) {
            maxChunkBytes = bytes;
            return this;
        }

        /** Waits for a stream that is not there yet, for as long as it takes. */
        public Builder waitForStream(boolean wait) {
            waitForStream = wait;
            return this;
        }

        /** How long to look for a worker while nobody answers; 2 minutes when not set. */
        public Builder patience(Duration atMost) {
            patience = atMost;
            return this;
        }

        /**
         * {@code delivery.unix-socket} of a worker on this machine, which is asked first. Streams
         * of other workers come as located.
         */
        public Builder unixSocket(Path path) {
            unixSocket = path;
            return this;
        }

        /** Sent with every call, for instance a bearer token. */
        public Builder credentials(CallCredentials callCredentials) {
            credentials = callCredentials;
            return this;
        }

        /**
         * How connections are made, given host:port: the hook for TLS. Plaintext when not set; see
         * {@link Channels} for what a good one has.
         */
        public Builder channels(Function<String, ManagedChannelBuilder<?>> factory) {
            channels = factory;
            return this;
        }

        /** The subscriber; nothing is sent before {@link MirrorSubscriber#run}. */
        public MirrorSubscriber build() {
            return new MirrorSubscriber(this);
        }
    }
}
