/**
 * RTP and RTCP as they are on the wire (RFC 3550 and its profiles): parsing, sequence numbers,
 * jitter, the reorder window, payload types, session descriptions. Nothing here opens a socket,
 * knows a stream or reads a clock. Objects that hold state belong to one thread, the session's; the
 * path of a packet allocates nothing.
 */
@NullMarked
package live.mirror.rtp;

import org.jspecify.annotations.NullMarked;
