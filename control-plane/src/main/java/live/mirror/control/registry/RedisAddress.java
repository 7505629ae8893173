package live.mirror.control.registry;

import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.RedisClusterURIUtil;

import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Where Redis is.
 *
 * @param nodes the server, or the sentinels in one address; of a Cluster, nodes to ask for the rest
 * @param cluster whether it is a Cluster
 */
public record RedisAddress(List<RedisURI> nodes, boolean cluster) {

    /** One server, or the primary that sentinels name. */
    public static RedisAddress of(RedisURI uri) {
        return new RedisAddress(List.of(uri), false);
    }

    /**
     * Out of the setting {@code registry.redis.uri}.
     *
     * @throws IllegalArgumentException when it can't be read
     */
    public static RedisAddress parse(String text) {
        return isCluster(text)
                ? new RedisAddress(
                        RedisClusterURIUtil.toRedisURIs(
                                URI.create(text.replaceFirst("-cluster://", "://"))),
                        true)
                : of(RedisURI.create(text));
    }

    static boolean isCluster(String text) {
        return text.matches("rediss?-cluster://.+");
    }

    /**
     * Whether a prefix puts all keys that begin with it into one slot: the part between the first
     * brace and the next closing one decides, if there is any (Redis Cluster specification, «Hash
     * tags»).
     */
    static boolean hasHashTag(String prefix) {
        return HASH_TAG.matcher(prefix).matches();
    }

    private static final Pattern HASH_TAG = Pattern.compile("[^{]*\\{[^}]+}.*");
}
