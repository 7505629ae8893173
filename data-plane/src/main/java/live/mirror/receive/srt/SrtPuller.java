package live.mirror.receive.srt;

import live.mirror.contract.StreamId;
import live.mirror.stream.Definition;
import live.mirror.stream.Definitions;
import live.mirror.stream.Pulls;
import live.mirror.v1.PullReport;
import live.mirror.v1.PullSource;
import live.mirror.v1.Reason;

import org.jspecify.annotations.Nullable;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Dials the remote listeners that are this worker's to fetch. Hears of changes on the link's
 * thread; each source has a virtual thread of its own; the calls themselves, with their name
 * look-ups, block and run on platform threads.
 */
final class SrtPuller {

    /** Calls under way at one time; each takes {@link #CONNECT_MS} at most, and a name look-up. */
    private static final int CALLS = 16;

    private static final int CONNECT_MS = 3_000;
    private static final System.Logger LOG = System.getLogger(SrtPuller.class.getName());

    private final SessionContext context;
    private final Definitions definitions;
    private final Executor threads;
    private final BiFunction<SrtSession, SrtConnection, Outcome> runner;
    private final ExecutorService callers =
            Executors.newFixedThreadPool(
                    CALLS, Thread.ofPlatform().name("srt-call-", 0).daemon().factory());

    // Guarded by the lock.
    private final Map<StreamId, PulledSource> sources = new HashMap<>();
    private boolean closed;

    /**
     * Dials from now on what {@code pulls} tells.
     *
     * @param threads makes a virtual thread for each source
     * @param runner runs a session to its end and closes its connection
     */
    SrtPuller(
            SessionContext context,
            Definitions definitions,
            Pulls pulls,
            Executor threads,
            BiFunction<SrtSession, SrtConnection, Outcome> runner) {
        this.context = context;
        this.definitions = definitions;
        this.threads = threads;
        this.runner = runner;
        pulls.addListener(this::take);
        pulls.reportWith(this::reports);
    }

    /** How many sources there are to fetch. */
    synchronized int count() {
        return sources.size();
    }

    /** Hangs up everything and dials nothing any more. */
    synchronized void close() {
        closed = true;
        sources.values().forEach(source -> source.stop(Reason.REASON_DRAINING));
        sources.clear();
        callers.shutdown();
    }

    /** Waits for the calls that were under way when it was closed. */
    void awaitCalls(Duration atMost) throws InterruptedException {
        if (!callers.awaitTermination(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(System.Logger.Level.WARNING, "a call was given up");
        }
    }

    private synchronized List<PullReport> reports() {
        return sources.values().stream().map(PulledSource::report).toList();
    }

    private synchronized void take(Collection<Definition> told) {
        if (closed) {
            return;
        }
        Map<StreamId, Definition> wanted =
                told.stream().collect(Collectors.toMap(Definition::id, Function.identity()));
        sources.values()
                .removeIf(source -> {
                    @Nullable Definition now = wanted.get(source.id());
                    if (now != null && source.isSame(now)) {
                        return false;
                    }
                    source.stop(
                            now == null ? whyNotHere(source.id()) : Reason.REASON_PUBLISHER_LOST);
                    return true;
                });
        wanted.forEach((id, definition) -> sources.computeIfAbsent(id, _ -> started(definition)));
    }

    /**
     * A source that is another worker's now leaves its stream waiting, so that it goes on there;
     * one that nobody wants any more stops it.
     */
    private Reason whyNotHere(StreamId id) {
        Optional<Definition> left = definitions.find(id);
        if (left.filter(Definition::disabled).isPresent()) {
            return Reason.REASON_DISABLED;
        }
        return left.flatMap(Definition::pull).isPresent()
                ? Reason.REASON_PUBLISHER_LOST
                : Reason.REASON_STOPPED_BY_OPERATOR;
    }

    private PulledSource started(Definition definition) {
        PulledSource source = new PulledSource(definition, this::attempt, context.log());
        threads.execute(() -> live(source));
        return source;
    }

    private static void live(PulledSource source) {
        try {
            source.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, source.id() + " is not fetched any more", e);
        }
    }

    private Outcome attempt(PulledSource source) throws InterruptedException {
        Verdict.Pass pass = pass(source.definition());
        Call call = call(source.definition(), pass.terms());
        SrtSession session = SrtSession.pulled(call.connection(), call.address(), pass, context);
        source.began(session);
        return runner.apply(session, call.connection());
    }

    /** A connection, and whose address the name was. */
    private record Call(SrtConnection connection, InetSocketAddress address) {}

    private Call call(Definition definition, Terms terms) throws InterruptedException {
        PullSource to = definition.pull().orElseThrow();
        SrtCallOptions options =
                new SrtCallOptions(
                        to.getStreamId(),
                        definition.srt().passphrase(),
                        terms.keyBytes(),
                        terms.latencyMs(),
                        terms.immediate(),
                        terms.sizes(),
                        CONNECT_MS,
                        terms.peerIdleMs(),
                        terms.reorderPackets(),
                        terms.packetFilter());
        try {
            return callers.submit(() -> call(to, options)).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SrtException refused) {
                throw refused;
            }
            throw new IllegalStateException("a call failed", e);
        }
    }

    private Call call(PullSource to, SrtCallOptions options) {
        InetSocketAddress address = new InetSocketAddress(to.getHost(), to.getPort());
        if (address.isUnresolved()) {
            throw new SrtException("the name " + to.getHost() + " is not known");
        }
        return new Call(context.transport().call(address, options), address);
    }

    /** Nobody asks for anything here: the stream is the one that was assigned. */
    private Verdict.Pass pass(Definition definition) {
        return new Verdict.Pass(
                new PublishRequest.Publish(definition.id(), "", "", PublishRequest.Dialect.PLAIN),
                Optional.of(definition),
                Terms.of(Optional.of(definition), context.settings()),
                Optional.empty(),
                false);
    }
}
