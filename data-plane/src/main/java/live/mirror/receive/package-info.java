/**
 * From the socket to the ring: what the receivers of all protocols share. Each protocol has a
 * package of its own with the same files: the receiver listens, a session is one publisher, a
 * parser reads what arrives.
 */
@NullMarked
package live.mirror.receive;

import org.jspecify.annotations.NullMarked;
