package live.mirror.control.registry;

import live.mirror.v1.ClaimRequest;
import live.mirror.v1.HeldStream;
import live.mirror.v1.Protocol;
import live.mirror.v1.Reason;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.ReportRequest;
import live.mirror.v1.StreamReport;
import live.mirror.v1.StreamStatus;
import live.mirror.v1.WorkerCapacity;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Some workers, some streams, two replicas and a network that loses, doubles and delays. All on one
 * thread; every choice comes from the seed.
 */
final class World {

    static final int MAX_STREAMS = 12;

    private static final int WORKERS = 4;
    private static final int WORKER_STREAMS = 5;
    private static final int STREAMS = 16;
    private static final long SWEEP_MS = 250;
    private static final long REPORT_MS = 1_000;

    private final List<Registry> replicas;
    private final Random random;
    private final AtomicLong nowMs;
    private final Optional<Runnable> dataLoss;
    private final List<Node> nodes = new ArrayList<>();
    private final PriorityQueue<Message> network = new PriorityQueue<>();
    private final List<String> problems = new ArrayList<>();

    // The history, as far as the checks need it.
    private final Map<String, String> ownerOfFence = new HashMap<>();
    private final Map<String, Long> highestFence = new HashMap<>();
    private int admitted;
    private boolean calm;
    private boolean forgot;
    private long nextSweepMs;
    private long sent;

    private record Message(long atMs, long order, Runnable arrival) implements Comparable<Message> {
        @Override
        public int compareTo(Message other) {
            return atMs != other.atMs
                    ? Long.compare(atMs, other.atMs)
                    : Long.compare(order, other.order);
        }
    }

    private record Session(long epoch, boolean live) {}

    World(List<Registry> replicas, Random random, AtomicLong nowMs, Optional<Runnable> dataLoss) {
        this.replicas = replicas;
        this.random = random;
        this.nowMs = nowMs;
        this.dataLoss = dataLoss;
        for (int i = 0; i < WORKERS; i++) {
            nodes.add(new Node("w" + i));
        }
    }

    List<String> problems() {
        return problems;
    }

    int admitted() {
        return admitted;
    }

    /** One thing happens, then time passes. */
    void step() {
        Node node = nodes.get(random.nextInt(WORKERS));
        switch (random.nextInt(100)) {
            case 0 -> node.die();
            case 1, 2 -> node.cutUntilMs = nowMs.get() + random.nextInt(12_000);
            case 3 -> {
                if (random.nextInt(8) == 0) {
                    forget();
                }
            }
            case 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 -> node.loseSomePublisher();
            default -> node.publisherArrives("cam" + random.nextInt(STREAMS));
        }
        pass(random.nextInt(120));
    }

    /** No more faults, and time for everything to come to rest; then the last checks. */
    void settle() {
        calm = true;
        nodes.forEach(node -> node.cutUntilMs = 0);
        for (int i = 0; i < 400; i++) {
            pass(100);
        }
        Registry registry = replicas.getFirst();
        for (Node node : nodes) {
            node.sessions.forEach((id, session) -> {
                StreamRecord record = registry.stream(id).orElse(null);
                if (record == null
                        || record.epoch() != session.epoch()
                        || !record.worker().equals(node.id)) {
                    problems.add(node.id + " holds " + id + " " + session + ", registry " + record);
                }
            });
        }
        int places = 0;
        for (StreamRecord record : registry.streams("", 1_000).streams()) {
            places += record.fields().getOrDefault("place", "0").equals("1") ? 1 : 0;
            Node node =
                    nodes.stream()
                            .filter(n -> n.id.equals(record.worker()))
                            .findFirst()
                            .orElse(null);
            if (node != null && !node.sessions.containsKey(record.id())) {
                problems.add("the registry has " + record + ", the worker does not");
            }
        }
        Summary summary = registry.summary();
        if (summary.places() != places) {
            problems.add(summary.places() + " places counted, " + places + " taken");
        }
    }

    private void forget() {
        dataLoss.ifPresent(loss -> {
            loss.run();
            forgot = true;
        });
    }

    private void pass(int ms) {
        long until = nowMs.get() + ms;
        while (true) {
            long next = Math.min(nextSweepMs, network.isEmpty() ? until : network.peek().atMs());
            for (Node node : nodes) {
                next = Math.min(next, node.nextReportMs);
            }
            if (next > until) {
                break;
            }
            nowMs.set(Math.max(nowMs.get(), next));
            if (nextSweepMs <= nowMs.get()) {
                nextSweepMs = nowMs.get() + SWEEP_MS;
                replicas.get(random.nextInt(replicas.size())).sweep();
                checkCapacity();
            }
            while (!network.isEmpty() && network.peek().atMs() <= nowMs.get()) {
                network.poll().arrival().run();
            }
            for (Node node : nodes) {
                if (node.nextReportMs <= nowMs.get()) {
                    node.nextReportMs = nowMs.get() + REPORT_MS;
                    node.report();
                }
            }
            if (next == until) {
                break;
            }
        }
        nowMs.set(until);
    }

    private void checkCapacity() {
        long places = replicas.getFirst().summary().places();
        if (places > MAX_STREAMS && !forgot) {
            problems.add(places + " places taken at " + nowMs.get());
        }
    }

    /** Sends there and back; either way may be lost, late or doubled. */
    private <T> void call(
            Node node,
            java.util.function.Function<Registry, T> request,
            java.util.function.Consumer<T> answer) {
        Registry replica = replicas.get(random.nextInt(replicas.size()));
        long incarnation = node.incarnation;
        int copies =
                calm
                        ? 1
                        : switch (random.nextInt(20)) {
                            case 0 -> 0;
                            case 1 -> 2;
                            default -> 1;
                        };
        for (int i = 0; i < copies; i++) {
            send(() -> {
                T result = request.apply(replica);
                checkCapacity();
                if (calm || random.nextInt(20) != 0) {
                    send(() -> {
                        if (node.incarnation == incarnation) {
                            answer.accept(result);
                        }
                    });
                }
            });
        }
    }

    private void send(Runnable arrival) {
        int delay = calm ? 1 : random.nextInt(10) == 0 ? random.nextInt(1_500) : random.nextInt(20);
        network.add(new Message(nowMs.get() + delay, sent++, arrival));
    }

    private void noteAdmitted(String id, long epoch, String owner) {
        admitted++;
        String before = ownerOfFence.put(id + " " + epoch, owner);
        if (before != null && !before.equals(owner)) {
            problems.add(id + " " + epoch + " belongs to " + before + " and to " + owner);
        }
    }

    /** A worker as the protocol sees it. */
    private final class Node {
        private final String id;
        private final Map<String, Session> sessions = new HashMap<>();
        private long incarnation = 1;
        private long epoch;
        private boolean registered;
        private boolean registering;
        private long cutUntilMs;
        private long nextReportMs;
        private long registerAgainMs;

        Node(String id) {
            this.id = id;
        }

        void die() {
            incarnation++;
            sessions.clear();
            registered = false;
            registering = false;
            epoch = 0;
        }

        private boolean isCut() {
            return nowMs.get() < cutUntilMs;
        }

        void publisherArrives(String stream) {
            Session session = sessions.get(stream);
            if (isCut() || !registered || (session != null && session.live())) {
                return;
            }
            ClaimRequest claim =
                    ClaimRequest.newBuilder()
                            .setRequestId(id + "-" + incarnation + "-" + sent)
                            .setWorkerId(id)
                            .setWorkerEpoch(epoch)
                            .setStreamId(stream)
                            .setProtocol(Protocol.PROTOCOL_SRT)
                            .setSource("192.0.2.1:1")
                            .build();
            String owner = id + "/" + incarnation;
            call(
                    this,
                    registry -> {
                        Answer<Answer.Claimed> answer = registry.claim(claim);
                        if (answer instanceof Answer.Done<Answer.Claimed>(var claimed)) {
                            long highest = highestFence.merge(stream, claimed.epoch(), Math::max);
                            if (highest > claimed.epoch()
                                    && !owner.equals(
                                            ownerOfFence.get(stream + " " + claimed.epoch()))) {
                                problems.add(stream + " went back to " + claimed.epoch());
                            }
                            noteAdmitted(stream, claimed.epoch(), owner);
                        }
                        return answer;
                    },
                    answer -> {
                        if (answer instanceof Answer.Done<Answer.Claimed>(var claimed)) {
                            Session now = sessions.get(stream);
                            if (now == null || now.epoch() < claimed.epoch()) {
                                sessions.put(stream, new Session(claimed.epoch(), true));
                            }
                        } else if (answer instanceof Answer.Refused<Answer.Claimed>(_, _, var room)
                                && room.isEmpty()) {
                            registered = false;
                        }
                    });
        }

        void loseSomePublisher() {
            sessions.entrySet().stream()
                    .filter(entry -> entry.getValue().live())
                    .findFirst()
                    .ifPresent(entry -> {
                        Session lost = new Session(entry.getValue().epoch(), false);
                        entry.setValue(lost);
                        release(entry.getKey(), lost.epoch());
                    });
        }

        private void release(String stream, long sessionEpoch) {
            if (isCut() || !registered) {
                return;
            }
            ReleaseRequest release =
                    ReleaseRequest.newBuilder()
                            .setRequestId("r" + sent)
                            .setWorkerId(id)
                            .setWorkerEpoch(epoch)
                            .setStreamId(stream)
                            .setEpoch(sessionEpoch)
                            .setReason(Reason.REASON_PUBLISHER_LOST)
                            .build();
            call(this, registry -> registry.release(release), _ -> {});
        }

        void report() {
            if (isCut()) {
                return;
            }
            if (!registered) {
                register();
                return;
            }
            ReportRequest report =
                    ReportRequest.newBuilder().setWorkerId(id).setWorkerEpoch(epoch).build();
            List<Registry.Told> told = new ArrayList<>();
            sessions.forEach((stream, session) ->
                    told.add(
                            new Registry.Told(
                                    StreamReport.newBuilder()
                                            .setStreamId(stream)
                                            .setEpoch(session.epoch())
                                            .setStatus(status(session))
                                            .build(),
                                    0,
                                    0)));
            call(
                    this,
                    registry -> registry.report(report, told, true),
                    answer -> {
                        if (answer instanceof Answer.Done<Answer.Renewed>(var renewed)) {
                            obey(renewed.fenced());
                        } else {
                            registered = false;
                        }
                    });
        }

        private void register() {
            if (registering && nowMs.get() < registerAgainMs) {
                return;
            }
            registering = true;
            registerAgainMs = nowMs.get() + 4_000;
            RegisterRequest.Builder request =
                    RegisterRequest.newBuilder()
                            .setWorkerId(id)
                            .setIncarnation(incarnation)
                            .setWorkerEpoch(epoch)
                            .setCapacity(WorkerCapacity.newBuilder().setStreams(WORKER_STREAMS));
            sessions.forEach((stream, session) ->
                    request.addHeldStreams(
                            HeldStream.newBuilder()
                                    .setStreamId(stream)
                                    .setEpoch(session.epoch())
                                    .setStatus(status(session))
                                    .setProtocol(Protocol.PROTOCOL_SRT)
                                    .setReservedKbps(10_000)));
            RegisterRequest built = request.build();
            call(
                    this,
                    registry -> registry.register(built),
                    answer -> {
                        registering = false;
                        if (answer instanceof Answer.Done<Answer.Registered>(var done)) {
                            registered = true;
                            epoch = Math.max(epoch, done.epoch());
                            obey(done.fenced());
                        }
                    });
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
}
