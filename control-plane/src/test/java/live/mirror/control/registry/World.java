package live.mirror.control.registry;

import live.mirror.v1.Reason;
import live.mirror.v1.StreamDefinition;
import live.mirror.v1.TakeoverRule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Some workers, some streams, two replicas that die, definitions that change, and a network that
 * loses, doubles and delays. All on one thread; every choice comes from the seed. What must never
 * be is checked after each step, what must be in the end by {@link #settle}.
 */
final class World {

    private static final long SWEEP_MS = 250;
    private static final long[] KBPS = {0, 5_000, 20_000};

    /**
     * How large and how restless it is.
     *
     * @param maxStreams the cluster's places; its bitrate is 9,000 kb/s for each
     * @param workers so many
     * @param workerStreams places of each
     * @param streams ids that publishers come with
     * @param losses publishers lost in a hundred steps
     */
    record Shape(int maxStreams, int workers, int workerStreams, int streams, int losses) {

        long maxKbps() {
            return maxStreams * 9_000L;
        }
    }

    final Shape shape;
    final Random random;
    final AtomicLong nowMs;

    private final Supplier<Registry> replicaFactory;
    private final List<Registry> replicas = new ArrayList<>();
    private final Optional<Runnable> dataLoss;
    private final List<Node> nodes = new ArrayList<>();
    private final PriorityQueue<Message> network = new PriorityQueue<>();
    private final List<String> problems = new ArrayList<>();

    // The history, as far as the checks need it.
    private final Map<String, String> ownerOfFence = new HashMap<>();
    private final Map<String, Long> highestFence = new HashMap<>();
    private final Map<String, Long> registeredFence = new HashMap<>();
    private final Set<String> disabled = new HashSet<>();
    private int admitted;
    private int admittedAlone;
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

    World(
            Shape shape,
            Supplier<Registry> replicaFactory,
            Random random,
            AtomicLong nowMs,
            Optional<Runnable> dataLoss) {
        this.shape = shape;
        this.replicaFactory = replicaFactory;
        this.random = random;
        this.nowMs = nowMs;
        this.dataLoss = dataLoss;
        replicas.add(replicaFactory.get());
        replicas.add(replicaFactory.get());
        for (int i = 0; i < shape.workers(); i++) {
            nodes.add(new Node(this, "w" + i));
        }
    }

    List<String> problems() {
        return problems;
    }

    int admitted() {
        return admitted;
    }

    int admittedAlone() {
        return admittedAlone;
    }

    /** One thing happens, then time passes. */
    void step() {
        Node node = nodes.get(random.nextInt(nodes.size()));
        int what = random.nextInt(1_000);
        if (what < 8) {
            node.die();
        } else if (what < 28) {
            node.cut(random.nextInt(12_000));
        } else if (what < 30) {
            dataLoss.ifPresent(loss -> {
                loss.run();
                forgot = true;
                disabled.clear();
            });
        } else if (what < 33) {
            replicaDies(random.nextInt(replicas.size()));
        } else if (what < 60) {
            define("cam" + random.nextInt(shape.streams()));
        } else if (what < 60 + 10 * shape.losses()) {
            node.losesAPublisher();
        } else {
            node.publisherArrives("cam" + random.nextInt(shape.streams()));
        }
        pass(random.nextInt(120));
    }

    /** No more faults, and time for everything to come to rest; then the last checks. */
    void settle() {
        calm = true;
        nodes.forEach(node -> node.cut(0));
        for (int i = 0; i < 400; i++) {
            pass(100);
        }
        Registry registry = replicas.getFirst();
        List<StreamRecord> records = registry.streams("", 1_000).streams();
        for (Node node : nodes) {
            checkHeld(registry, node, records);
        }
        long places = 0;
        long kbps = 0;
        for (StreamRecord record : records) {
            if (record.fields().getOrDefault("place", "0").equals("1")) {
                places++;
                kbps += Names.number(record.fields().getOrDefault("kbps", "0"));
            }
        }
        Summary summary = registry.summary();
        expect("places of the cluster", places, summary.places());
        expect("kbps of the cluster", kbps, summary.kbps());
        long granted = 0;
        for (WorkerRecord worker : registry.workers()) {
            granted += worker.number("grant");
        }
        expect("promised places", granted, summary.granted());
    }

    private void checkHeld(Registry registry, Node node, List<StreamRecord> records) {
        node.sessions()
                .forEach((id, session) -> {
                    StreamRecord record = registry.stream(id).orElse(null);
                    if (record == null
                            || record.epoch() != session.epoch()
                            || !record.worker().equals(node.id())) {
                        problem(
                                node.id()
                                        + " holds "
                                        + id
                                        + " "
                                        + session
                                        + ", registry "
                                        + record);
                    }
                });
        long streams = 0;
        long kbps = 0;
        for (StreamRecord record : records) {
            if (record.worker().equals(node.id())) {
                streams++;
                kbps += Names.number(record.fields().getOrDefault("kbps", "0"));
                if (!node.sessions().containsKey(record.id())) {
                    problem("the registry has " + record + ", the worker does not");
                }
            }
        }
        for (WorkerRecord worker : registry.workers()) {
            if (worker.id().equals(node.id())) {
                expect("streams of " + node.id(), streams, worker.number("streams"));
                expect("kbps of " + node.id(), kbps, worker.number("kbps"));
            }
        }
    }

    private void expect(String what, long there, long counted) {
        if (there != counted) {
            problem(what + ": " + counted + " counted, " + there + " there");
        }
    }

    void problem(String text) {
        problems.add(text + " at " + nowMs.get());
    }

    private void replicaDies(int which) {
        replicas.get(which).close();
        replicas.set(which, replicaFactory.get());
    }

    private void define(String id) {
        Registry registry = replicas.getFirst();
        if (random.nextInt(3) == 0) {
            registry.definitions().delete(id);
            disabled.remove(id);
            return;
        }
        boolean off = random.nextInt(8) == 0;
        registry.definitions()
                .define(
                        StreamDefinition.newBuilder()
                                .setId(id)
                                .setDisabled(off)
                                .setExpectedKbps(KBPS[random.nextInt(KBPS.length)])
                                .setTakeover(TakeoverRule.forNumber(random.nextInt(4)))
                                .build(),
                        0);
        if (off) {
            disabled.add(id);
        } else {
            disabled.remove(id);
        }
    }

    private void pass(int ms) {
        long until = nowMs.get() + ms;
        while (true) {
            long next = Math.min(nextSweepMs, network.isEmpty() ? until : network.peek().atMs());
            for (Node node : nodes) {
                next = Math.min(next, node.nextReportMs());
            }
            if (next > until) {
                break;
            }
            nowMs.set(Math.max(nowMs.get(), next));
            if (nextSweepMs <= nowMs.get()) {
                nextSweepMs = nowMs.get() + SWEEP_MS;
                replicas.get(random.nextInt(replicas.size())).sweep();
                check();
            }
            while (!network.isEmpty() && network.peek().atMs() <= nowMs.get()) {
                network.poll().arrival().run();
            }
            nodes.forEach(Node::reportIfDue);
            if (next == until) {
                break;
            }
        }
        nowMs.set(until);
    }

    /** What holds at every instant: nothing is given twice, and no stream's fence goes back. */
    private void check() {
        if (forgot) {
            return;
        }
        Summary summary = replicas.getFirst().summary();
        if (summary.places() + summary.granted() > shape.maxStreams()) {
            problem(summary.places() + " places taken, " + summary.granted() + " promised");
        }
        if (summary.kbps() > shape.maxKbps()) {
            problem(summary.kbps() + " kbps taken");
        }
        for (StreamRecord record : replicas.getFirst().streams("", 1_000).streams()) {
            long before = registeredFence.merge(record.id(), record.epoch(), Math::max);
            if (before > record.epoch()) {
                problem(record.id() + " went from fence " + before + " to " + record.epoch());
            }
        }
    }

    /** Sends there and back; either way may be lost, late or, the first, doubled. */
    <T> void call(
            Node node, Function<Registry, T> request, Consumer<T> answer, boolean repeatable) {
        int replica = random.nextInt(replicas.size());
        long incarnation = node.incarnation();
        int luck = calm ? 5 : random.nextInt(20);
        int copies = luck == 0 ? 0 : luck == 1 && repeatable ? 2 : 1;
        for (int i = 0; i < copies; i++) {
            send(() -> {
                T result = request.apply(replicas.get(replica));
                if (calm || random.nextInt(20) != 0) {
                    send(() -> {
                        if (node.incarnation() == incarnation) {
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

    /** A number that no other message has. */
    long number() {
        return sent++;
    }

    void noteAdmitted(String id, long epoch, String owner) {
        long highest = highestFence.merge(id, epoch, Math::max);
        boolean again = owner.equals(ownerOfFence.get(id + " " + epoch));
        if (highest > epoch && !again) {
            problem(id + " went back to " + epoch);
        }
        if (disabled.contains(id) && !again) {
            problem(id + " was admitted and is disabled");
        }
        noteOwner(id, epoch, owner);
        admitted++;
    }

    void noteAdmittedAlone(String id, long epoch, String owner) {
        noteOwner(id, epoch, owner);
        admittedAlone++;
    }

    private void noteOwner(String id, long epoch, String owner) {
        String before = ownerOfFence.put(id + " " + epoch, owner);
        if (before != null && !before.equals(owner)) {
            problem(id + " " + epoch + " belongs to " + before + " and to " + owner);
        }
    }

    boolean calm() {
        return calm;
    }

    /** What a session's end is told as. */
    Reason lost() {
        return random.nextInt(10) == 0
                ? Reason.REASON_STOPPED_BY_OPERATOR
                : Reason.REASON_PUBLISHER_LOST;
    }

    void close() {
        replicas.forEach(Registry::close);
    }
}
