package live.mirror.control.registry;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.Grant;
import live.mirror.v1.HeldStream;
import live.mirror.v1.KeptReport;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerCapacity;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A worker of a {@link World}, as the protocol sees it. */
final class Node {

    private static final long REPORT_MS = 1_000;
    private static final long DEADLINE_MS = 2_000;
    private static final int EPOCHS = 1_024;

    private final World world;
    private final String id;
    private final Map<String, Session> sessions = new LinkedHashMap<>();
    private long incarnation = 1;
    private long epoch;
    private boolean registered;
    private long cutUntilMs;
    private long nextReportMs;

    /** The registration or report that is under way; what comes of an older one is ignored. */
    private long asked;

    private long deadlineMs = Long.MAX_VALUE;

    // What it may admit alone.
    private int grant;
    private long grantUntilMs;
    private long nextEpoch;
    private long epochsEnd;

    /** A publisher's session, or one that waits for its publisher. */
    record Session(long epoch, boolean live) {}

    Node(World world, String id) {
        this.world = world;
        this.id = id;
    }

    String id() {
        return id;
    }

    long incarnation() {
        return incarnation;
    }

    long nextReportMs() {
        return nextReportMs;
    }

    Map<String, Session> sessions() {
        return sessions;
    }

    void die() {
        incarnation++;
        sessions.clear();
        registered = false;
        deadlineMs = Long.MAX_VALUE;
        epoch = 0;
        grant = 0;
        nextEpoch = 0;
        epochsEnd = 0;
    }

    void cut(int ms) {
        cutUntilMs = now() + ms;
        registered = false;
    }

    private long now() {
        return world.nowMs.get();
    }

    private boolean isCut() {
        return now() < cutUntilMs;
    }

    private String owner() {
        return id + "/" + incarnation;
    }

    void publisherArrives(String stream) {
        Session session = sessions.get(stream);
        boolean silent = session != null && session.live() && world.random.nextInt(10) == 0;
        if (session != null && session.live() && !silent) {
            return;
        }
        if (isCut()) {
            arrivesAlone(stream, session);
        } else if (registered) {
            claim(stream, silent ? 1_500 : 0);
        }
    }

    /** As the worker's LocalGrant does. */
    private void arrivesAlone(String stream, @Nullable Session session) {
        long fence;
        if (session != null) {
            fence =
                    nextEpoch > session.epoch() && nextEpoch < epochsEnd
                            ? nextEpoch++
                            : session.epoch() + 1;
        } else if (grant > 0 && now() < grantUntilMs && nextEpoch < epochsEnd) {
            grant--;
            fence = nextEpoch++;
        } else {
            return;
        }
        sessions.put(stream, new Session(fence, true));
        world.noteAdmittedAlone(stream, fence, owner());
    }

    private void claim(String stream, long silentMs) {
        ClaimRequest claim =
                ClaimRequest.newBuilder()
                        .setRequestId(owner() + "-" + world.number())
                        .setWorkerId(id)
                        .setWorkerEpoch(epoch)
                        .setStreamId(stream)
                        .setProtocol(Protocol.PROTOCOL_SRT)
                        .setSource("192.0.2.1:1")
                        .setSilentMs(silentMs)
                        .setCredentialId(world.random.nextBoolean() ? "same" : "")
                        .build();
        String owner = owner();
        world.call(
                this,
                registry -> {
                    Answer<Answer.Claimed> answer = registry.claim(claim);
                    if (answer instanceof Answer.Done<Answer.Claimed>(var claimed)) {
                        world.noteAdmitted(stream, claimed.epoch(), owner);
                    }
                    return answer;
                },
                answer -> {
                    if (answer instanceof Answer.Done<Answer.Claimed>(var claimed)) {
                        Session present = sessions.get(stream);
                        if (present == null || present.epoch() < claimed.epoch()) {
                            sessions.put(stream, new Session(claimed.epoch(), true));
                        }
                    } else if (answer instanceof Answer.Refused<Answer.Claimed>(_, _, var room)
                            && room.isEmpty()) {
                        registered = false;
                    }
                },
                true);
    }

    void losesAPublisher() {
        sessions.entrySet().stream()
                .filter(entry -> entry.getValue().live())
                .findFirst()
                .ifPresent(entry -> {
                    long fence = entry.getValue().epoch();
                    Reason reason = isCut() ? Reason.REASON_PUBLISHER_LOST : world.lost();
                    if (reason == Reason.REASON_PUBLISHER_LOST) {
                        entry.setValue(new Session(fence, false));
                    } else {
                        sessions.remove(entry.getKey());
                    }
                    release(entry.getKey(), fence, reason);
                });
    }

    private void release(String stream, long fence, Reason reason) {
        if (isCut() || !registered) {
            return;
        }
        ReleaseRequest release =
                ReleaseRequest.newBuilder()
                        .setRequestId("r" + world.number())
                        .setWorkerId(id)
                        .setWorkerEpoch(epoch)
                        .setStreamId(stream)
                        .setEpoch(fence)
                        .setReason(reason)
                        .build();
        world.call(this, registry -> registry.release(release), _ -> {}, true);
    }

    /**
     * One call at a time, as the link's one thread makes them; one that gets no answer breaks it.
     */
    void reportIfDue() {
        if (nextReportMs > now()) {
            return;
        }
        nextReportMs = now() + REPORT_MS;
        if (now() >= deadlineMs) {
            registered = false;
            deadlineMs = Long.MAX_VALUE;
        }
        if (isCut() || deadlineMs != Long.MAX_VALUE) {
            return;
        }
        asked = world.number();
        deadlineMs = now() + DEADLINE_MS;
        if (registered) {
            report(asked);
        } else {
            register(asked);
        }
    }

    private boolean answered(long call) {
        if (call != asked || deadlineMs == Long.MAX_VALUE) {
            return false;
        }
        deadlineMs = Long.MAX_VALUE;
        return true;
    }

    private void report(long call) {
        long askedMs = now();
        KeptReport report =
                KeptReport.newBuilder()
                        .setWorkerId(id)
                        .setWorkerEpoch(epoch)
                        .setGrantedStreams(believed())
                        .build();
        List<Told> told = new ArrayList<>();
        sessions.forEach((stream, session) -> {
            boolean silent = world.random.nextInt(30) == 0;
            boolean measured = world.random.nextInt(4) == 0;
            told.add(
                    new Told(
                            stream,
                            session.epoch(),
                            status(session),
                            silent ? 2_000 : 0,
                            measured ? 1_000 + world.random.nextInt(15_000) : 0,
                            silent || measured || world.random.nextBoolean()));
        });
        world.call(
                this,
                registry -> registry.report(report, told, true),
                answer -> {
                    if (!answered(call)) {
                        return;
                    }
                    if (answer instanceof Answer.Done<Answer.Renewed>(var renewed)) {
                        obey(renewed.fenced());
                        granted(renewed.grant(), askedMs);
                    } else {
                        registered = false;
                    }
                },
                false);
    }

    private void register(long call) {
        long askedMs = now();
        RegisterRequest.Builder request =
                RegisterRequest.newBuilder()
                        .setWorkerId(id)
                        .setIncarnation(incarnation)
                        .setWorkerEpoch(epoch)
                        .setGrantedStreams(believed())
                        .setCapacity(
                                WorkerCapacity.newBuilder()
                                        .setStreams(world.shape.workerStreams()));
        sessions.forEach((stream, session) ->
                request.addHeldStreams(
                        HeldStream.newBuilder()
                                .setStreamId(stream)
                                .setEpoch(session.epoch())
                                .setStatus(status(session))
                                .setProtocol(Protocol.PROTOCOL_SRT)
                                .setReservedKbps(10_000)));
        RegisterRequest built = request.build();
        world.call(
                this,
                registry -> registry.register(built),
                answer -> {
                    if (answered(call)
                            && answer instanceof Answer.Done<Answer.Registered>(var done)) {
                        registered = true;
                        epoch = Math.max(epoch, done.epoch());
                        obey(done.fenced());
                        granted(done.grant(), askedMs);
                    }
                },
                false);
    }

    private int believed() {
        return now() < grantUntilMs ? grant : 0;
    }

    private void granted(Grant told, long askedMs) {
        grant = told.getStreams();
        grantUntilMs = askedMs + told.getValidMs();
        if (epochsEnd != told.getFirstEpoch() + EPOCHS) {
            nextEpoch = told.getFirstEpoch();
            epochsEnd = nextEpoch + EPOCHS;
        }
    }

    private void obey(List<Answer.Fenced> fenced) {
        for (Answer.Fenced one : fenced) {
            sessions.computeIfPresent(
                    one.id(), (_, session) -> session.epoch() == one.epoch() ? null : session);
        }
    }

    private StreamStatus status(Session session) {
        return session.live()
                ? StreamStatus.STREAM_STATUS_ACTIVE
                : StreamStatus.STREAM_STATUS_RECONNECTING;
    }
}
