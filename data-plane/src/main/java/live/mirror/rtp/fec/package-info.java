/**
 * Forward error correction by parity: SMPTE 2022-1, the former Pro-MPEG Code of Practice 3. A
 * decoder belongs to its session's thread and allocates nothing after its construction.
 */
@NullMarked
package live.mirror.rtp.fec;

import org.jspecify.annotations.NullMarked;
