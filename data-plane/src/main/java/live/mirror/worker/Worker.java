package live.mirror.worker;

import io.helidon.logging.common.LogConfig;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.service.registry.Services;

import live.mirror.delivery.DeliveryServer;
import live.mirror.inspect.TsInspector;
import live.mirror.link.Link;
import live.mirror.link.WorkerIdentity;
import live.mirror.observe.AdminServer;
import live.mirror.observe.Figures;
import live.mirror.receive.rtp.RtpDefinitions;
import live.mirror.receive.rtp.RtpReceiver;
import live.mirror.receive.srt.SrtException;
import live.mirror.receive.srt.SrtReceiver;
import live.mirror.receive.srt.libsrt.LibSrt;
import live.mirror.settings.SettingsException;
import live.mirror.stream.Definitions;
import live.mirror.stream.LiveStreams;
import live.mirror.stream.Pulls;
import live.mirror.stream.Refusals;
import live.mirror.v1.WorkerAddresses;
import live.mirror.v1.WorkerLoad;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Optional;

/** The worker's process: receives publishers' streams and hands them to packagers. */
public final class Worker {

    private static final String HELP =
            """
            Receives SRT and RTP and delivers it to packagers over gRPC.

            Usage: mirror worker [--config FILE.yaml] [--help]

            Settings stand in the file, in the environment (srt.max-latency is MIRROR_SRT_MAX_LATENCY)
            or in system properties (-Dsrt.max-latency=...), the later overriding the earlier.
            Exit codes: 0 stopped, 1 could not start, 2 wrong setting or argument.

            Setting                              default; what is allowed
            """;

    /** Shutting down takes 2 s at most; after this the process ends whatever hangs. */
    private static final long SHUTDOWN_LIMIT_MS = 4_000;

    private final WorkerSettings settings;
    private final LiveStreams streams;
    private final ProcessLoad load = new ProcessLoad();
    private final Definitions definitions = new Definitions();
    private final Pulls pulls = new Pulls();
    private final Refusals refusals = new Refusals();
    private final SrtReceiver srt;
    private final RtpReceiver rtp;
    private final RtpDefinitions rtpDefinitions;
    private final DeliveryServer delivery;
    private final Link link;
    private final AdminServer admin;
    private final WorkerClock clock;

    private Worker(WorkerSettings settings) throws Exception {
        this.settings = settings;
        InstantSource time = InstantSource.system();
        streams = new LiveStreams(settings.ring(), time);
        streams.inspectWith(stream -> new TsInspector(stream::detected));
        Figures figures = new Figures(Services.get(MeterRegistry.class), streams);
        delivery = new DeliveryServer(settings.delivery(), settings.id(), streams);
        delivery.start();
        link =
                new Link(
                        settings.link(),
                        settings.id(),
                        streams,
                        definitions,
                        pulls,
                        refusals,
                        this::load,
                        time);
        srt =
                SrtReceiver.start(
                        settings.srt(),
                        LibSrt.open(settings.srt().library()),
                        link.admission(),
                        streams,
                        definitions,
                        pulls,
                        refusals,
                        time);
        rtp =
                new RtpReceiver(
                        settings.rtp(),
                        streams,
                        link.admission(),
                        definitions,
                        refusals,
                        time,
                        new RtpMeters(figures));
        rtp.start();
        rtpDefinitions = new RtpDefinitions(rtp, settings.id());
        definitions.addListener(rtpDefinitions::take);
        figures.gauge(
                "mirror_link_up",
                "1 while the worker is registered at a control plane.",
                () -> link.isUp() ? 1 : 0);
        figures.gauge(
                "mirror_granted_streams",
                "New streams that may be admitted without a control plane.",
                link::grantedStreams);
        figures.counter(
                "mirror_admitted_alone_total",
                "Publishers admitted without the control plane.",
                link::admittedAlone);
        figures.counter(
                "mirror_link_registrations_total",
                "Registrations at a control plane.",
                link::registrations);
        figures.counter(
                "mirror_link_dropped_releases_total",
                "Releases dropped because too many waited.",
                link::droppedReleases);
        figures.counter(
                "mirror_link_forgotten_tokens_total",
                "Used ingest tokens that only the registry remembers.",
                link::forgottenTokens);
        figures.counter(
                "mirror_refusals_total", "Publishers refused at the gate.", refusals::total);
        DeliveryMeters.register(delivery.counters(), streams, figures);
        SrtMeters.register(srt, figures);
        RtpMeters.register(rtp, figures);
        admin =
                new AdminServer(
                        settings.admin(),
                        this::readiness,
                        routing -> routing.get("/explain", new ExplainPage(srt, settings.id())));
        clock = new WorkerClock(streams, load);
        link.start(identity());
    }

    /** Starts the process. */
    public static void main(String[] args) {
        Optional<Path> file = Optional.empty();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help", "-h" -> {
                    printHelp();
                    return;
                }
                case "--config" -> {
                    if (i + 1 == args.length) {
                        fail(2, "--config wants the name of a YAML file");
                    }
                    file = Optional.of(Path.of(args[++i]));
                }
                default -> fail(2, "unknown argument " + args[i] + "; see --help");
            }
        }
        LogConfig.configureRuntime();
        try {
            Worker worker = new Worker(WorkerSettings.read(Configuration.open(file)));
            Runtime.getRuntime().addShutdownHook(new Thread(worker::shutDown, "shutdown"));
            System.out.println(worker.readyLine());
        } catch (SettingsException e) {
            fail(2, String.valueOf(e.getMessage()));
        } catch (SrtException | UncheckedIOException e) {
            fail(1, "the worker can't start: " + e.getMessage());
        } catch (Exception e) {
            fail(1, "the worker can't start: " + e);
        }
    }

    private void close() throws InterruptedException {
        link.leave();
        rtpDefinitions.close();
        rtp.close();
        srt.close();
        delivery.close();
        link.close();
        clock.close();
        admin.close();
    }

    private void shutDown() {
        Thread watchdog =
                Thread.ofPlatform()
                        .daemon()
                        .name("shutdown-watchdog")
                        .start(Worker::haltWhenTooLate);
        try {
            close();
        } catch (InterruptedException e) {
            System.err.println("the worker did not stop cleanly: " + e);
        }
        watchdog.interrupt();
    }

    /**
     * libsrt's own destructor may hang while the process goes down; nobody shall have to kill it.
     */
    private static void haltWhenTooLate() {
        try {
            Thread.currentThread().join(SHUTDOWN_LIMIT_MS);
            System.err.println(
                    "the worker did not stop within " + SHUTDOWN_LIMIT_MS + " ms and is ended");
            ProcessHandle.current().destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private WorkerIdentity identity() {
        String host = settings.advertisedHost();
        WorkerAddresses addresses =
                WorkerAddresses.newBuilder()
                        .setSrt(host + ":" + srt.address().getPort())
                        .setRtp(host + ":" + rtp.address().getPort())
                        .setDelivery(host + ":" + delivery.port())
                        .setAdmin(host + ":" + admin.port())
                        .build();
        return new WorkerIdentity(
                settings.id(),
                new SecureRandom().nextLong(),
                addresses,
                settings.capacity(),
                version());
    }

    private WorkerLoad load() {
        long bps = streams.all().stream().mapToLong(stream -> stream.stats().getBitrateBps()).sum();
        int subscriptions =
                streams.all().stream().mapToInt(stream -> stream.stats().getSubscriptions()).sum();
        return WorkerLoad.newBuilder()
                .setStreams(streams.count())
                .setKbps(bps / 1_000)
                .setSubscriptions(subscriptions)
                .setCpuCores(load.cores())
                .build();
    }

    private AdminServer.Readiness readiness() {
        if (link.isDraining()) {
            return new AdminServer.Readiness(false, "draining");
        }
        Optional<String> problem = srt.problem();
        if (problem.isPresent()) {
            return new AdminServer.Readiness(false, problem.get());
        }
        if (link.isUp()) {
            return new AdminServer.Readiness(true, "takes publishers");
        }
        int granted = link.grantedStreams();
        return new AdminServer.Readiness(
                granted > 0,
                "no control plane; running streams run on, new streams within the grant: "
                        + granted);
    }

    private String readyLine() {
        return "worker "
                + settings.id()
                + " ready: srt="
                + settings.srt().listen().withPort(srt.address().getPort())
                + " rtp="
                + settings.rtp().listen().withPort(rtp.address().getPort())
                + " delivery="
                + settings.delivery().address().withPort(delivery.port())
                + " admin="
                + settings.admin().withPort(admin.port());
    }

    private static String version() {
        String version = Worker.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    private static void printHelp() {
        System.out.print(HELP);
        live.mirror.settings.SettingsReader defaults =
                new live.mirror.settings.SettingsReader(java.util.Map.of());
        WorkerSettings.read(defaults);
        defaults.describe().forEach(System.out::println);
    }

    private static void fail(int status, String message) {
        System.err.println(message);
        System.exit(status);
    }
}
