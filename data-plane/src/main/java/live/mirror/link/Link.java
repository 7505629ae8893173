package live.mirror.link;

import io.grpc.StatusRuntimeException;

import live.mirror.settings.HostPort;
import live.mirror.stream.Admission;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStream;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.stream.StreamListener;
import live.mirror.stream.StreamState;
import live.mirror.v1.Reason;
import live.mirror.v1.WorkerLoad;

import org.jspecify.annotations.Nullable;

import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * Keeps this worker a member of the cluster. One virtual thread connects, registers and reports,
 * and begins again after any break at whichever replica answers. {@link #admission} decides on
 * publishers from what came over the link.
 */
public final class Link implements StreamListener {

    private static final Logger LOG = System.getLogger(Link.class.getName());
    private static final Duration RETRY_MIN = Duration.ofMillis(50);

    private final LinkSettings settings;
    private final Membership membership = new Membership();
    private final Releases releases = new Releases(membership);
    private final IngestTokens tokens;
    private final Gatekeeper gatekeeper;
    private final LinkSession.Parts parts;
    private final AtomicLong registrations = new AtomicLong();
    private final Random jitter = new Random();
    private final CountDownLatch closed = new CountDownLatch(1);
    private @Nullable Thread keeper;

    /**
     * A link that is not started yet.
     *
     * @param definitions are kept as the control plane has them
     * @param pulls likewise
     * @param refusals are told to the control plane
     */
    public Link(
            LinkSettings settings,
            String workerId,
            LiveStreams streams,
            Definitions definitions,
            Pulls pulls,
            Refusals refusals,
            Supplier<WorkerLoad> load,
            InstantSource clock) {
        this.tokens = new IngestTokens(workerId, clock);
        this.settings = settings;
        this.gatekeeper = new Gatekeeper(membership, streams, releases, tokens);
        this.parts =
                new LinkSession.Parts(
                        settings,
                        membership,
                        streams,
                        new DefinitionFeed(definitions, pulls, tokens),
                        refusals,
                        new Drainer(streams),
                        load);
        streams.addListener(this);
    }

    /** Begins to keep the link. Until then the gate refuses everybody. */
    public void start(WorkerIdentity identity) {
        keeper = Thread.ofVirtual().name("link").start(() -> keep(identity));
        releases.start();
    }

    /** Decides on publishers. */
    public Admission admission() {
        return gatekeeper;
    }

    /** Whether the worker is registered at a control plane that answers. */
    public boolean isUp() {
        return membership.session() != null;
    }

    /** New streams that may be admitted without a control plane. */
    public int grantedStreams() {
        return membership.grant().streams(System.nanoTime());
    }

    /** How many publishers were let in without the control plane. */
    public long admittedAlone() {
        return gatekeeper.admittedAlone();
    }

    /** How often the worker has registered. */
    public long registrations() {
        return registrations.get();
    }

    /** Releases that were dropped because too many waited; the next registration tells the same. */
    public long droppedReleases() {
        return releases.dropped();
    }

    /** Used ingest tokens that only the registry remembers, since too many are kept here. */
    public long forgottenTokens() {
        return tokens.notKept();
    }

    /** Takes nothing new from now on, because the process ends. */
    public void leave() {
        membership.leave();
    }

    /** Whether the worker takes nothing new. */
    public boolean isDraining() {
        return membership.draining();
    }

    @Override
    public void stateChanged(LiveStream stream, StreamState from, StreamState to, Reason reason) {
        gatekeeper.settled(stream.id());
        switch (to) {
            case StreamState.Reconnecting(long epoch, _) -> releases.add(stream, epoch, reason);
            case StreamState.Stopped(long epoch, Reason why) -> releases.add(stream, epoch, why);
            case StreamState.Connecting _, StreamState.Active _ -> {}
        }
    }

    /** Ends the link: waits a moment for what has to be told, then hangs up. */
    public void close() throws InterruptedException {
        releases.close();
        closed.countDown();
        if (keeper != null) {
            keeper.interrupt();
            keeper.join(Duration.ofSeconds(1));
        }
    }

    private void keep(WorkerIdentity identity) {
        Iterator<HostPort> replicas = List.<HostPort>of().iterator();
        Duration pause = RETRY_MIN;
        String lastProblem = "";
        try {
            while (closed.getCount() > 0) {
                if (!replicas.hasNext()) {
                    replicas = settings.controlPlanes().iterator();
                }
                HostPort replica = replicas.next();
                String problem = keepOne(identity, replica);
                if (problem.isEmpty()) {
                    pause = RETRY_MIN;
                } else if (!problem.equals(lastProblem)) {
                    LOG.log(
                            Level.WARNING,
                            "no link to the control plane at {0}: {1}; still trying",
                            replica,
                            problem);
                }
                lastProblem = problem;
                pause(pause);
                pause =
                        pause.multipliedBy(2).compareTo(settings.retryMax()) < 0
                                ? pause.multipliedBy(2)
                                : settings.retryMax();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pause(Duration about) throws InterruptedException {
        if (closed.await(
                jitter.nextLong(about.toMillis() / 2, about.toMillis() + 1),
                TimeUnit.MILLISECONDS)) {
            throw new InterruptedException("closed");
        }
    }

    /**
     * Keeps one registration until it breaks. Answers why it never stood, or nothing when it did.
     */
    private String keepOne(WorkerIdentity identity, HostPort replica) throws InterruptedException {
        try (LinkSession candidate = LinkSession.connect(replica, identity, parts)) {
            membership.session(candidate);
            registrations.incrementAndGet();
            LOG.log(
                    Level.INFO,
                    "registered at {0} as {1}, epoch {2,number,#}",
                    replica,
                    identity.id(),
                    candidate.workerEpoch());
            String why = candidate.run();
            LOG.log(
                    Level.WARNING,
                    "lost the link to {0}: {1}; running streams run on",
                    replica,
                    why);
            return "";
        } catch (StatusRuntimeException e) {
            String description = e.getStatus().getDescription();
            Throwable cause = e.getStatus().getCause();
            return e.getStatus().getCode()
                    + (description == null ? "" : ": " + description)
                    + (cause == null ? "" : " (" + cause.getMessage() + ")");
        } catch (UncheckedIOException | IllegalArgumentException e) {
            // Files that are just being replaced; the next attempt reads them again.
            return "the files of link.tls can't be used: " + e.getMessage();
        } finally {
            membership.session(null);
        }
    }
}
