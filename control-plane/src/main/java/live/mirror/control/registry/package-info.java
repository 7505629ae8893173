/**
 * The shared record of workers and streams, in Redis. Every change is one Lua script beside this
 * package's classes, so that check and change are one; the scripts know Redis's time and no other.
 * Callers block on their own virtual threads, half a second at most.
 */
@NullMarked
package live.mirror.control.registry;

import org.jspecify.annotations.NullMarked;
