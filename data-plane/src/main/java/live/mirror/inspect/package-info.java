/**
 * Looks into media on their way into the ring: where MPEG-TS lets a decoder begin, and what the
 * stream carries. Runs in the writer's thread for every payload, so it reads one word of each
 * transport packet and more only of those that matter; it allocates nothing until the tables
 * change.
 */
@NullMarked
package live.mirror.inspect;

import org.jspecify.annotations.NullMarked;
