package live.mirror.control.worker;

import io.grpc.Context;
import io.grpc.stub.StreamObserver;

import live.mirror.control.registry.EventFeed;
import live.mirror.v1.ClusterRoom;
import live.mirror.v1.CommandsResponse;
import live.mirror.v1.DefinitionsChanged;
import live.mirror.v1.Drain;
import live.mirror.v1.EndSession;
import live.mirror.v1.Heartbeat;
import live.mirror.v1.PullsChanged;
import live.mirror.v1.Undrain;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * The workers that listen for commands at this replica. Commands come out of the registry's events,
 * so that it does not matter at which replica an operator asked. A queue that is full ends the
 * worker's stream of commands: the worker registers again, and that settles everything.
 */
public final class CommandHub {

    /** A worker that is this far behind does not read. */
    private static final int QUEUE = 4_096;

    private static final Duration HEARTBEAT = Duration.ofSeconds(1);

    private static final CommandsResponse ALIVE =
            CommandsResponse.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build();

    private final ConcurrentHashMap<String, Channel> channels = new ConcurrentHashMap<>();

    private static final class Channel {
        private final BlockingQueue<CommandsResponse> queue = new LinkedBlockingQueue<>(QUEUE);
        private volatile boolean over;

        void send(CommandsResponse command) {
            if (!queue.offer(command)) {
                over = true;
            }
        }

        void end() {
            over = true;
            queue.clear();
            send(ALIVE);
        }
    }

    /** Turns an event into commands for the workers that are connected here. Does not block. */
    public void onEvent(EventFeed.Event event) {
        CommandsResponse.Builder command = CommandsResponse.newBuilder();
        switch (event.get("kind")) {
            case "fenced" ->
                    send(
                            event.get("worker"),
                            command.setEndSession(
                                    EndSession.newBuilder()
                                            .setStreamId(event.get("id"))
                                            .setEpoch(event.number("epoch"))
                                            .setReason(event.reason())
                                            .setMovedTo(event.movedTo())));
            case "drain" ->
                    send(
                            event.get("worker"),
                            command.setDrain(
                                    Drain.newBuilder().setWithinMs(event.number("within_ms"))));
            case "undrain" ->
                    send(event.get("worker"), command.setUndrain(Undrain.getDefaultInstance()));
            case "room" ->
                    sendAll(
                            command.setClusterRoom(
                                    ClusterRoom.newBuilder()
                                            .setStreams((int) event.number("streams"))
                                            .setKbps(event.number("kbps"))
                                            .setKbpsLimited(event.number("limited") == 1)));
            case "pulls" ->
                    send(
                            event.get("worker"),
                            command.setPullsChanged(PullsChanged.getDefaultInstance()));
            default -> {
                // Of interest to watchers only, or of a newer version.
            }
        }
    }

    /** Has every worker that is connected here ask for the latest definitions. Does not block. */
    public void definitionsChanged() {
        sendAll(
                CommandsResponse.newBuilder()
                        .setDefinitionsChanged(DefinitionsChanged.getDefaultInstance()));
    }

    /** How many workers listen here. */
    public int size() {
        return channels.size();
    }

    private void sendAll(CommandsResponse.Builder command) {
        CommandsResponse built = command.build();
        channels.values().forEach(channel -> channel.send(built));
    }

    private void send(String worker, CommandsResponse.Builder command) {
        Channel channel = channels.get(worker);
        if (channel != null) {
            channel.send(command.build());
        }
    }

    /**
     * Sends a worker its commands, and a heartbeat each second, until it goes away, a newer stream
     * of the same worker begins, or it does not read. Blocks the calling virtual thread.
     */
    void serve(String worker, StreamObserver<CommandsResponse> observer)
            throws InterruptedException {
        Channel channel = new Channel();
        Channel older = channels.put(worker, channel);
        if (older != null) {
            older.end();
        }
        try {
            observer.onNext(ALIVE);
            while (!channel.over && !Context.current().isCancelled()) {
                CommandsResponse command =
                        channel.queue.poll(HEARTBEAT.toMillis(), TimeUnit.MILLISECONDS);
                observer.onNext(command == null ? ALIVE : command);
            }
        } finally {
            channels.remove(worker, channel);
        }
    }

    /** Ends all streams of commands, for the stop of this process. */
    public void close() {
        channels.values().forEach(Channel::end);
    }
}
