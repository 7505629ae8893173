/**
 * One packager's subscription at its own pace: the gRPC service that every worker serves. A
 * subscription lives on the event loop of its connection, which copies out of the ring, encodes and
 * sends; ring writers only wake it. Nothing is queued for a subscriber that is not ready: it holds
 * its place in the ring, and is told what it lost when it comes back.
 */
@NullMarked
package live.mirror.delivery;

import org.jspecify.annotations.NullMarked;
