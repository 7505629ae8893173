package live.mirror.control.api;

import live.mirror.control.registry.EventFeed;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.StreamRecord;
import live.mirror.v1.ListStreamsRequest;
import live.mirror.v1.ListStreamsResponse;
import live.mirror.v1.StreamAlarm;
import live.mirror.v1.WatchHeartbeat;
import live.mirror.v1.WatchReset;
import live.mirror.v1.WatchStreamsRequest;
import live.mirror.v1.WatchStreamsResponse;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * One watcher's call: the whole, or what came behind an event that the watcher knows, and then each
 * change once and in its order. Runs on the call's virtual thread; holds a page of streams at most.
 */
final class WatchCall {

    private static final Duration HEARTBEAT = Duration.ofSeconds(1);
    private static final int PAGE = 500;

    /** What a watcher may say that it knows. */
    static final String EVENT_ID = "[0-9]{1,15}-[0-9]{1,10}";

    private final Registry registry;
    private final Operations operations;
    private final WatchStreamsRequest request;
    private final Consumer<WatchStreamsResponse> watcher;

    /** The last event that the watcher has; all before it it has too. */
    private String last;

    WatchCall(
            Registry registry,
            Operations operations,
            WatchStreamsRequest request,
            Consumer<WatchStreamsResponse> watcher) {
        this.registry = registry;
        this.operations = operations;
        this.request = request;
        this.watcher = watcher;
        this.last = request.getAfter();
    }

    /** Tells until the watcher is gone. The watch has been open since before. */
    void run(Watchers.Watch watch, BooleanSupplier gone) throws InterruptedException {
        if (!catchUp()) {
            tellAll();
        }
        while (!gone.getAsBoolean()) {
            Optional<EventFeed.Event> event = watch.next(HEARTBEAT);
            if (watch.takeLapped() || event.filter(EventFeed.Event::isBreak).isPresent()) {
                tellAll();
            } else if (event.isEmpty()) {
                heartbeat();
            } else if (event.get().isBehind(last)) {
                tell(event.get());
            }
        }
    }

    /** Whether the watcher has got all that it missed; not when some of that is kept no more. */
    private boolean catchUp() {
        while (!last.isEmpty()) {
            Registry.Events missed = registry.eventsBehind(last, PAGE);
            if (!missed.complete()) {
                return false;
            }
            missed.events().forEach(this::tell);
            if (missed.events().size() < PAGE) {
                heartbeat();
                return true;
            }
        }
        return false;
    }

    /**
     * Only at its end the watcher has all, so until then it is given no event to come back with.
     */
    private void tellAll() {
        String end = registry.eventsBehind("", 0).end();
        watcher.accept(
                WatchStreamsResponse.newBuilder()
                        .setReset(WatchReset.getDefaultInstance())
                        .build());
        if (request.getId().isEmpty()) {
            ListStreamsRequest.Builder page = ListStreamsRequest.newBuilder().setPageSize(PAGE);
            do {
                ListStreamsResponse streams = operations.listStreams(page.build());
                streams.getStreamsList()
                        .forEach(stream ->
                                watcher.accept(
                                        WatchStreamsResponse.newBuilder()
                                                .setStream(stream)
                                                .build()));
                page.setPageToken(streams.getNextPageToken());
            } while (!page.getPageToken().isEmpty());
        } else {
            registry.stream(request.getId())
                    .map(operations::complete)
                    .ifPresent(stream ->
                            watcher.accept(
                                    WatchStreamsResponse.newBuilder().setStream(stream).build()));
        }
        last = end;
        heartbeat();
    }

    private void heartbeat() {
        watcher.accept(
                WatchStreamsResponse.newBuilder()
                        .setHeartbeat(WatchHeartbeat.getDefaultInstance())
                        .setEventId(last)
                        .build());
    }

    private void tell(EventFeed.Event event) {
        last = event.id();
        String id = event.get("id");
        if (!request.getId().isEmpty() && !request.getId().equals(id)) {
            return;
        }
        WatchStreamsResponse.Builder told = WatchStreamsResponse.newBuilder().setEventId(last);
        switch (event.get("kind")) {
            case "stream" ->
                    watcher.accept(
                            told.setStream(
                                            operations.complete(
                                                    StreamRecord.after(event, registry.stream(id))))
                                    .build());
            case "alarm" ->
                    watcher.accept(
                            told.setAlarm(
                                            StreamAlarm.newBuilder()
                                                    .setId(id)
                                                    .setEpoch(event.number("epoch"))
                                                    .setWorker(event.get("worker"))
                                                    .setReason(event.reason())
                                                    .setDetail(event.get("detail"))
                                                    .setAt(event.at()))
                                    .build());
            default -> {
                // Of no interest to who watches streams.
            }
        }
    }
}
