/**
 * Which live streams this worker holds, where each one stands, and who may write into it. A {@link
 * live.mirror.stream.LiveStream} outlives its publishers' sessions: its ring and its subscriptions
 * stay while it waits for the publisher to come back.
 *
 * <p>State changes come from session threads, the link and the clock; each stream's own lock orders
 * them. Media never takes that lock: it goes from the session's thread straight into the ring.
 */
@NullMarked
package live.mirror.stream;

import org.jspecify.annotations.NullMarked;
