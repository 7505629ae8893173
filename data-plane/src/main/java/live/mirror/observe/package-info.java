/**
 * What the worker shows of itself: metrics for Prometheus, liveness and readiness, over a small
 * HTTP server of its own. Reads published figures only; nothing here touches a packet.
 */
@NullMarked
package live.mirror.observe;

import org.jspecify.annotations.NullMarked;
