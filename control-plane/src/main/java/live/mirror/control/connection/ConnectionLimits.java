package live.mirror.control.connection;

import java.time.Duration;

/**
 * What a listener allows.
 *
 * @param max connections at a time
 * @param maxPerSource those from one address, or one /64 network of IPv6
 * @param requestTimeout within which a peer has to send a whole request, from its first byte or,
 *     for the first one, from the connect; and within which it has to take some of an answer
 * @param idleTimeout how long a connection may stay without a request
 */
public record ConnectionLimits(
        int max, int maxPerSource, Duration requestTimeout, Duration idleTimeout) {}
