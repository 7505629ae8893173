package live.mirror.control.registry;

import live.mirror.settings.SettingsReader;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How the registry is kept.
 *
 * @param redisUri Redis to use ({@code redis://}, {@code rediss://}, {@code redis-socket://},
 *     {@code redis-sentinel://}, {@code redis-cluster://} and {@code rediss-cluster://} with any of
 *     its nodes parted by commas); empty starts a Redis of our own
 * @param redisCommand the program that is our own Redis
 * @param dataDirectory where our own Redis keeps its data; empty keeps it in memory only, so that
 *     definitions end with the control plane
 * @param prefix begins every key; with a hash tag in it, such as <code>{mirror}:</code>, all keys
 *     are in one slot of a Redis Cluster
 * @param timeout after which a command has failed
 * @param lease how long a worker is trusted without a word of it
 * @param sweepInterval how often due leases and windows are looked for
 * @param keepStopped how long the record of a stopped stream or a lost worker can be read
 */
public record RegistrySettings(
        String redisUri,
        String redisCommand,
        Optional<Path> dataDirectory,
        String prefix,
        Duration timeout,
        Duration lease,
        Duration sweepInterval,
        Duration keepStopped) {

    private static final Pattern URI =
            Pattern.compile("|(rediss?(-cluster)?|redis-socket|redis-sentinel)://.+");
    private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9{}._:-]{1,64}");

    /** Reads {@code registry.*}. */
    public static RegistrySettings read(SettingsReader settings) {
        RegistrySettings read = readAll(settings);
        if (RedisAddress.isCluster(read.redisUri) && !RedisAddress.hasHashTag(read.prefix)) {
            settings.problem(
                    "registry.prefix",
                    read.prefix,
                    "with a hash tag where registry.redis.uri is a Cluster, such as {mirror}:,"
                            + " since every change is one script over keys of one slot");
        }
        return read;
    }

    private static RegistrySettings readAll(SettingsReader settings) {
        return new RegistrySettings(
                settings.text(
                        "registry.redis.uri",
                        "",
                        URI.asMatchPredicate(),
                        "empty or a redis://, rediss://, redis-socket://, redis-sentinel://,"
                                + " redis-cluster:// or rediss-cluster:// address"),
                settings.text(
                        "registry.redis.command",
                        "redis-server",
                        command -> !command.isEmpty(),
                        "the name or path of redis-server"),
                Optional.of(settings.text("registry.redis.data-dir", ""))
                        .filter(text -> !text.isEmpty())
                        .map(Path::of),
                settings.text(
                        "registry.prefix",
                        "mirror:",
                        PREFIX.asMatchPredicate(),
                        "1 to 64 characters out of A-Z a-z 0-9 { } . _ : -"),
                settings.duration(
                        "registry.redis.timeout",
                        Duration.ofMillis(500),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(5)),
                settings.duration(
                        "registry.lease",
                        Duration.ofSeconds(6),
                        Duration.ofMillis(500),
                        Duration.ofMinutes(1)),
                settings.duration(
                        "registry.sweep-interval",
                        Duration.ofMillis(250),
                        Duration.ofMillis(20),
                        Duration.ofSeconds(5)),
                settings.duration(
                        "registry.keep-stopped",
                        Duration.ofHours(1),
                        Duration.ofSeconds(1),
                        Duration.ofDays(7)));
    }
}
