package live.mirror.control;

import io.helidon.health.HealthCheckType;
import io.helidon.logging.common.LogConfig;
import io.helidon.metrics.api.MeterRegistry;
import io.helidon.service.registry.Services;

import live.mirror.control.admission.AdmissionSettings;
import live.mirror.control.admission.IngestTokens;
import live.mirror.control.api.Access;
import live.mirror.control.api.GrpcApi;
import live.mirror.control.api.HttpApi;
import live.mirror.control.api.Management;
import live.mirror.control.api.Operations;
import live.mirror.control.api.PulledSources;
import live.mirror.control.api.Watchers;
import live.mirror.control.connection.ConnectionCounters;
import live.mirror.control.connection.Ending;
import live.mirror.control.observe.Check;
import live.mirror.control.observe.Meters;
import live.mirror.control.registry.ChildRedis;
import live.mirror.control.registry.EventFeed;
import live.mirror.control.registry.RedisAddress;
import live.mirror.control.registry.Registry;
import live.mirror.control.registry.RegistryPoll;
import live.mirror.control.registry.Sweeper;
import live.mirror.control.worker.CommandHub;
import live.mirror.control.worker.DefinitionStore;
import live.mirror.control.worker.Figures;
import live.mirror.control.worker.PeerFigures;
import live.mirror.control.worker.WorkerLink;
import live.mirror.settings.SettingsException;
import live.mirror.settings.SettingsReader;

import java.io.PrintStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The control plane's process: admits publishers, keeps the registry, answers the API. */
public final class ControlPlane implements AutoCloseable {

    private static final Logger LOG = System.getLogger(ControlPlane.class.getName());

    private static final String HELP =
            """
            Admits publishers, keeps the registry of streams and workers, and answers the API.

            Usage: mirror control-plane [--config FILE.yaml] [--help]

            Settings stand in the file, in the environment (admission.max-streams is
            MIRROR_ADMISSION_MAX_STREAMS) or in system properties (-Dadmission.max-streams=...), the
            later overriding the earlier.
            Exit codes: 0 stopped, 1 could not start, 2 wrong setting or argument.

            Setting                              default; what is allowed
            """;

    private final ServerSettings server;
    private final Listeners listeners;
    private final CommandHub commands = new CommandHub();

    /** What was started, the last first. */
    private final Deque<AutoCloseable> started = new ArrayDeque<>();

    private ControlPlane(ControlPlaneSettings settings) {
        this.server = settings.server();
        warn(settings);
        try {
            RedisAddress redis = redis(settings);
            Registry registry =
                    keep(
                            new Registry(
                                    redis,
                                    settings.registry(),
                                    settings.admission(),
                                    settings.reconnect()));
            AdmissionSettings admission = settings.admission();
            InstantSource clock = InstantSource.system();
            IngestTokens tokens = tokens(registry, admission, clock);
            Figures figures = new Figures(clock);
            PeerFigures peers = keep(new PeerFigures(figures, server.linkTls()));
            Watchers watchers = new Watchers();
            DefinitionStore definitions =
                    keep(
                            new DefinitionStore(
                                    registry,
                                    admission.mode() == AdmissionSettings.Mode.DEFINED_ONLY,
                                    tokens.publicKey(),
                                    commands::definitionsChanged));
            WorkerLink link =
                    new WorkerLink(registry, commands, figures, definitions, settings.reconnect());
            EventFeed events = keep(registry.events());
            events.start(event -> {
                link.onEvent(event);
                definitions.onEvent(event);
                watchers.onEvent(event);
            });
            keep(new Sweeper(registry));
            RegistryPoll poll = keep(new RegistryPoll(registry));
            Operations operations = new Operations(registry, figures, peers, watchers);
            Management management = new Management(registry, figures, peers, tokens);
            PulledSources sources = new PulledSources(registry, figures, peers);
            // Before the listeners: Helidon's metrics feature makes a registry of its own
            // otherwise.
            ConnectionCounters connections = new ConnectionCounters();
            Access access = keep(new Access(settings.access()));
            export(poll, watchers, connections, access);
            listeners =
                    keep(
                            new Listeners(
                                    server,
                                    connections,
                                    new HttpApi(operations, management, sources, access)::routing,
                                    new GrpcApi(operations, management, sources, access).services(),
                                    List.of(link, peers.service()),
                                    List.of(liveness(), readiness(poll))));
            listeners.start();
            registry.replica(server.advertisedLink(listeners.linkPort()).toString());
            keep(commands::close);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** What an operator should know who lets others than this machine reach the API. */
    private static void warn(ControlPlaneSettings settings) {
        ServerSettings server = settings.server();
        if (server.http().isLoopback()) {
            return;
        }
        if (!settings.access().asks()) {
            LOG.log(
                    Level.WARNING,
                    "server.http is {0} without api.token-file: whoever reaches it can read and"
                            + " stop every stream, and read and change every definition",
                    server.http());
        }
        if (server.publicTls().isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "server.http is {0} without tls.public: definitions and tokens travel in"
                            + " clear; put it behind a proxy that encrypts",
                    server.http());
        }
    }

    private static IngestTokens tokens(
            Registry registry, AdmissionSettings admission, InstantSource clock) {
        if (admission.tokenKeyFile().isPresent()) {
            String own = IngestTokens.read(admission.tokenKeyFile().get());
            return new IngestTokens(IngestTokens.idOf(own), own, admission.tokenLifetime(), clock);
        }
        String id = Long.toString(clock.instant().getEpochSecond(), Character.MAX_RADIX);
        Registry.KeyPairText pair =
                registry.tokenKeys(new Registry.KeyPairText(id, IngestTokens.generate()));
        return new IngestTokens(pair.id(), pair.pair(), admission.tokenLifetime(), clock);
    }

    private RedisAddress redis(ControlPlaneSettings settings) {
        String uri = settings.registry().redisUri();
        return uri.isEmpty()
                ? RedisAddress.of(
                        keep(ChildRedis.start(
                                        settings.registry().redisCommand(),
                                        settings.registry().dataDirectory()))
                                .uri())
                : RedisAddress.parse(uri);
    }

    private static Check liveness() {
        return new Check(
                "process", HealthCheckType.LIVENESS, () -> new Check.State(true, Map.of()));
    }

    /** Without the registry the API still answers what it knows, so this is told but not asked. */
    private static Check readiness(RegistryPoll poll) {
        return new Check(
                "api",
                HealthCheckType.READINESS,
                () ->
                        new Check.State(
                                true,
                                Map.of(
                                        "registry",
                                        poll.isUp() ? "up" : "away",
                                        "workers",
                                        poll.last().workers(),
                                        "streams",
                                        poll.last().streams())));
    }

    private void export(
            RegistryPoll poll, Watchers watchers, ConnectionCounters connections, Access access) {
        MeterRegistry meters = Services.get(MeterRegistry.class);
        Meters.ACTIVE_STREAMS.export(meters, () -> poll.last().streams());
        Meters.RESERVED_KBPS.export(meters, () -> poll.last().kbps());
        Meters.POISONED_RECORDS.export(meters, () -> poll.last().poisoned());
        Meters.REGISTRY_UP.export(meters, () -> poll.isUp() ? 1 : 0);
        Meters.GRANTED_STREAMS.export(meters, () -> poll.last().granted());
        Meters.WORKERS_CONNECTED.export(meters, commands::size);
        Meters.WATCHERS.export(meters, watchers::size);
        Meters.WATCHERS_LAPPED.export(meters, watchers::lapped);
        Meters.REFUSED_BY_TOKEN.export(meters, access::refused);
        Meters.CONNECTIONS.export(meters, connections::open);
        for (Ending ending : Ending.values()) {
            Meters.of(ending).export(meters, () -> connections.count(ending));
        }
    }

    private <T extends AutoCloseable> T keep(T part) {
        started.push(part);
        return part;
    }

    /**
     * Starts a control plane inside this process.
     *
     * @throws SettingsException when a setting is wrong
     */
    public static ControlPlane start(SettingsReader settings) {
        return new ControlPlane(ControlPlaneSettings.read(settings));
    }

    /** Starts the process. */
    public static void main(String[] args) {
        Optional<Path> file = Optional.empty();
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--help", "-h" -> {
                    printHelp(System.out);
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
            ControlPlane controlPlane = start(Configuration.open(file));
            Runtime.getRuntime().addShutdownHook(new Thread(controlPlane::close, "shutdown"));
            System.out.println(controlPlane.readyLine());
        } catch (SettingsException e) {
            fail(2, String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            fail(1, "the control plane can't start: " + e.getMessage());
        }
    }

    /** Where the HTTP API and the public gRPC services listen. */
    public int httpPort() {
        return listeners.httpPort();
    }

    /** Where workers connect. */
    public int linkPort() {
        return listeners.linkPort();
    }

    /** Where metrics and health are. */
    public int adminPort() {
        return listeners.adminPort();
    }

    private String readyLine() {
        return "control-plane ready: http="
                + server.http().withPort(httpPort())
                + " link="
                + server.link().withPort(linkPort())
                + " admin="
                + server.admin().withPort(adminPort());
    }

    @Override
    public void close() {
        while (!started.isEmpty()) {
            try {
                started.pop().close();
            } catch (Exception e) {
                System.err.println("the control plane did not stop cleanly: " + e);
            }
        }
    }

    private static void printHelp(PrintStream out) {
        SettingsReader settings = new SettingsReader(Map.of());
        ControlPlaneSettings.read(settings);
        out.print(HELP);
        settings.describe().forEach(line -> out.println("  " + line));
    }

    private static void fail(int code, String message) {
        System.err.println(message);
        System.exit(code);
    }
}
