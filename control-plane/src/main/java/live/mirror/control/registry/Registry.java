package live.mirror.control.registry;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;

import live.mirror.control.admission.AdmissionSettings;
import live.mirror.control.admission.ReconnectSettings;
import live.mirror.v1.ClaimRequest;
import live.mirror.v1.KeptReport;
import live.mirror.v1.Reason;
import live.mirror.v1.Refusal;
import live.mirror.v1.RegisterRequest;
import live.mirror.v1.ReleaseRequest;
import live.mirror.v1.TimelineEntry;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/**
 * The registry's operations, each one script. Any thread; a call blocks for the registry's timeout
 * at most.
 *
 * <p>Every call throws {@link RegistryAwayException} when Redis does not answer in time; all of
 * them may be repeated.
 */
public final class Registry implements AutoCloseable {

    private static final int SWEEP_BUDGET = 500;

    /** Runs of claims at a time: one is made up while Redis has the other. */
    private static final int CLAIM_RUNS = 2;

    /**
     * Of reports. With one, what it takes to get a turn on a busy processor, twice for each run,
     * bounds how many of them a second can be heard.
     */
    private static final int REPORT_RUNS = 4;

    /** Of such a stream Redis looks at two fields. */
    private static final int UNCHANGED_IN_A_WEIGHT = 16;

    private final RedisScripts scripts;
    private final ScriptQueue claims;
    private final ScriptQueue reports;
    private final StoredDefinitions definitions;
    private final RegistrySettings settings;
    private final AdmissionSettings admission;
    private final ReconnectSettings reconnect;
    private final Supplier<OptionalLong> simulatedNowMs;

    /** The highest fence that this replica has seen: the next is above it even if Redis forgot. */
    private final AtomicLong highestFence = new AtomicLong();

    private volatile String replica = "";

    /** Connects; fails with a {@link io.lettuce.core.RedisException} when Redis is not there. */
    public Registry(
            RedisAddress address,
            RegistrySettings settings,
            AdmissionSettings admission,
            ReconnectSettings reconnect) {
        this(
                address,
                settings,
                admission,
                reconnect,
                OptionalLong::empty,
                UnaryOperator.identity());
    }

    /**
     * For simulations.
     *
     * @param simulatedNowMs a clock in place of Redis's
     * @param sources changes the scripts, to see whether a fault in them is noticed
     */
    Registry(
            RedisAddress address,
            RegistrySettings settings,
            AdmissionSettings admission,
            ReconnectSettings reconnect,
            Supplier<OptionalLong> simulatedNowMs,
            UnaryOperator<String> sources) {
        this.settings = settings;
        this.admission = admission;
        this.reconnect = reconnect;
        this.simulatedNowMs = simulatedNowMs;
        this.scripts = new RedisScripts(address, settings.prefix(), settings.timeout(), sources);
        this.definitions = new StoredDefinitions(scripts, this::limits);
        this.claims =
                new ScriptQueue(scripts, "claim", CLAIM_RUNS, this::limits, settings.timeout());
        this.reports =
                new ScriptQueue(scripts, "report", REPORT_RUNS, this::limits, settings.timeout());
    }

    /** The settings in force. */
    public RegistrySettings settings() {
        return settings;
    }

    /**
     * Begins or renews a worker's membership and settles which of its streams are still its own.
     */
    public Answer<Answer.Registered> register(RegisterRequest request) {
        request.getHeldStreamsList()
                .forEach(held -> highestFence.accumulateAndGet(held.getEpoch(), Math::max));
        JsonObject arguments = limits();
        Arguments.register(arguments, request);
        return Replies.answer(
                scripts.runBulk("register", arguments, request.getHeldStreamsCount()),
                list ->
                        new Answer.Registered(
                                fence(list.get(1)),
                                Replies.room(list.get(2)),
                                Replies.fenced(list.get(3)),
                                Replies.grant(list.get(4)),
                                list.get(5).equals("1"),
                                Replies.pulls(list.get(6)).orElseThrow(),
                                list.get(7).equals("1")));
    }

    /** Decides on a publisher. */
    public Answer<Answer.Claimed> claim(ClaimRequest request) {
        return Replies.answer(
                claims.call(Arguments.claim(request), 1),
                list ->
                        new Answer.Claimed(
                                fence(list.get(1)),
                                Replies.number(list.get(2)),
                                Replies.number(list.get(3)),
                                Replies.room(list.get(4))));
    }

    /** Writes down that a session ended. */
    public Answer<Answer.Released> release(ReleaseRequest request) {
        JsonObject arguments = limits();
        Arguments.release(arguments, request);
        return Replies.answer(
                scripts.run("release", arguments),
                list ->
                        new Answer.Released(
                                Names.status((String) list.get(1)),
                                Replies.number(list.get(2)),
                                Replies.room(list.get(3))));
    }

    /**
     * Renews a worker's lease.
     *
     * @param streams those that the registry has to hear of
     * @param all whether these are all that the worker holds
     */
    public Answer<Answer.Renewed> report(KeptReport request, List<Told> streams, boolean all) {
        int changed = (int) streams.stream().filter(Told::changed).count();
        int weight = 1 + changed + (streams.size() - changed) / UNCHANGED_IN_A_WEIGHT;
        return Replies.answer(
                reports.call(Arguments.report(request, streams, all), weight),
                list ->
                        new Answer.Renewed(
                                Replies.room(list.get(1)),
                                Replies.fenced(list.get(2)),
                                Replies.grant(list.get(3)),
                                Replies.pulls(list.get(4))));
    }

    /** Ends a stream; false when there is none of this id. */
    public boolean stop(String id, Reason reason) {
        JsonObject arguments = about(id);
        arguments.addProperty("reason", Names.of(reason));
        arguments.addProperty("side", "operator");
        return Replies.number(scripts.run("stop", arguments).getFirst()) == 1;
    }

    /** Does what is due; true when there is more of it. */
    public boolean sweep() {
        JsonObject arguments = limits();
        arguments.addProperty("budget", SWEEP_BUDGET);
        arguments.addProperty("side", "control-plane");
        arguments.addProperty("away_ms", settings.lease().toMillis() / 2);
        arguments.addProperty("forget_ms", settings.keepStopped().toMillis());
        return Replies.number(scripts.runAnytime("sweep", arguments).getFirst()) == 1;
    }

    /** One stream. */
    public Optional<StreamRecord> stream(String id) {
        List<?> answer = scripts.run("get", about(id));
        return answer.size() < 2
                ? Optional.empty()
                : Optional.of(new StreamRecord(id, Replies.fields(answer.get(1))));
    }

    /**
     * A page of streams.
     *
     * @param next where the next page begins; empty when there is none
     * @param streams in the order of their ids
     */
    public record Page(String next, List<StreamRecord> streams) {}

    /**
     * The streams that have not stopped.
     *
     * @param after the {@link Page#next} before, or empty for the first page
     */
    public Page streams(String after, int limit) {
        return streams(after, limit, "");
    }

    /** The same of one worker's streams; of all with an empty worker id. */
    public Page streams(String after, int limit, String worker) {
        JsonObject arguments = limits();
        arguments.addProperty("worker", worker);
        arguments.addProperty("after", after);
        arguments.addProperty("limit", limit);
        return Replies.page(scripts.run("list", arguments));
    }

    /** Every worker, in the order of their ids. */
    public List<WorkerRecord> workers() {
        return workers(limits());
    }

    /** Those of these workers that are there, in the order of their ids. */
    public List<WorkerRecord> workers(Collection<String> ids) {
        JsonObject arguments = limits();
        JsonArray wanted = new JsonArray(ids.size());
        ids.forEach(wanted::add);
        arguments.add("ids", wanted);
        return workers(arguments);
    }

    private List<WorkerRecord> workers(JsonObject arguments) {
        return Replies.workers(scripts.run("workers", arguments), settings.lease().toMillis());
    }

    /** The cluster in numbers. */
    public Summary summary() {
        List<?> answer = scripts.run("summary", limits());
        return new Summary(
                Replies.number(answer.get(0)),
                Replies.number(answer.get(1)),
                Replies.number(answer.get(2)),
                Replies.number(answer.get(3)),
                Replies.number(answer.get(4)),
                Replies.number(answer.get(5)));
    }

    /** Takes a worker out of service or back; false when there is none of this id. */
    public boolean drain(String worker, boolean on, Duration within) {
        JsonObject arguments = limits();
        arguments.addProperty("worker", worker);
        arguments.addProperty("on", on);
        arguments.addProperty("within_ms", within.toMillis());
        return Replies.number(scripts.run("drain", arguments).getFirst()) == 1;
    }

    /**
     * Chooses the worker for a publisher and counts it there.
     *
     * @param token names the placement until it ends
     */
    public Answer<Answer.Allocated> allocate(String id, String token) {
        JsonObject arguments = about(id);
        arguments.addProperty("token", token);
        arguments.addProperty("token_ms", admission.tokenLifetime().toMillis());
        return Replies.answer(
                scripts.run("allocate", arguments),
                list ->
                        new Answer.Allocated(
                                (String) list.get(1),
                                WorkerRecord.addresses((String) list.get(2))));
    }

    /** What operators laid down. */
    public StoredDefinitions definitions() {
        return definitions;
    }

    /** The refusals that are kept, the newest first. */
    public List<Refusal> refusals() {
        return scripts.run("refusals", limits()).stream()
                .map(entry -> Refusals.read(Replies.fields(((List<?>) entry).get(1))))
                .toList();
    }

    /**
     * Which worker dials which source, by stream id; empty for a source that no worker has yet.
     *
     * @param id only this one; empty means all
     */
    public Map<String, String> pulls(String id) {
        return Replies.fields(scripts.run("pulls", about(id)));
    }

    /** What happened to a stream, the newest last. */
    public List<TimelineEntry> timeline(String id) {
        return scripts.run("timeline", about(id)).stream()
                .map(entry -> Timelines.read((String) entry))
                .toList();
    }

    /**
     * The key pair that signs tokens.
     *
     * @param id its name
     * @param pair as the first replica that came laid it down
     */
    public record KeyPairText(String id, String pair) {}

    /** The key pair of all replicas: the one offered, or the one that was there before. */
    public KeyPairText tokenKeys(KeyPairText offered) {
        JsonObject arguments = limits();
        arguments.addProperty("id", offered.id());
        arguments.addProperty("pair", offered.pair());
        List<?> answer = scripts.run("keys", arguments);
        return new KeyPairText((String) answer.get(0), (String) answer.get(1));
    }

    /** Says that this replica is there; answers the link addresses of all that are. */
    public List<String> replicas() {
        JsonObject arguments = limits();
        arguments.addProperty("address", replica);
        return scripts.run("replicas", arguments).stream().map(String.class::cast).toList();
    }

    /** Names this replica by its link address; before the first worker comes. */
    public void replica(String linkAddress) {
        replica = linkAddress;
    }

    /**
     * What changed.
     *
     * @param end the id of the last event that there is
     * @param complete whether the event that was asked for is still there, and so all behind it
     * @param events in their order
     */
    public record Events(String end, boolean complete, List<EventFeed.Event> events) {}

    /** What changed behind an event; with an empty id only the end. */
    public Events eventsBehind(String id, int limit) {
        JsonObject arguments = limits();
        arguments.addProperty("after", id);
        arguments.addProperty("limit", limit);
        return Replies.events(scripts.run("events", arguments));
    }

    /** What changes from now on, at any replica. */
    public EventFeed events() {
        return new EventFeed(scripts, settings.prefix() + "events");
    }

    private JsonObject about(String id) {
        JsonObject arguments = limits();
        arguments.addProperty("id", id);
        return arguments;
    }

    private JsonObject limits() {
        JsonObject arguments = new JsonObject();
        arguments.addProperty("max_streams", admission.maxStreams());
        arguments.addProperty("max_kbps", admission.maxKbps());
        arguments.addProperty("window_ms", reconnect.window().toMillis());
        arguments.addProperty("lease_ms", settings.lease().toMillis());
        arguments.addProperty("keep_stopped_ms", settings.keepStopped().toMillis());
        arguments.addProperty("floor", highestFence.get());
        arguments.addProperty("default_kbps", admission.defaultKbps());
        arguments.addProperty(
                "defined_only", admission.mode() == AdmissionSettings.Mode.DEFINED_ONLY);
        arguments.addProperty("max_definitions", admission.maxDefinitions());
        arguments.addProperty("grant_ms", admission.grant().toMillis());
        arguments.addProperty("silence_ms", reconnect.silence().toMillis());
        arguments.addProperty("max_evictions", reconnect.maxEvictions());
        arguments.addProperty("replica", replica);
        simulatedNowMs.get().ifPresent(now -> arguments.addProperty("now", now));
        return arguments;
    }

    private long fence(Object value) {
        long fence = Replies.number(value);
        highestFence.accumulateAndGet(fence, Math::max);
        return fence;
    }

    @Override
    public void close() {
        claims.close();
        reports.close();
        scripts.close();
    }
}
