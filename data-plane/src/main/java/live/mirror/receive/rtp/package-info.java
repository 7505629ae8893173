/**
 * Receives RTP. The path of a packet:
 *
 * <pre>
 *   UDP sockets ──▶ tick thread: who sends it? ──▶ reception: parse, sequence, jitter, FEC,
 *   reorder window ──▶ ring
 * </pre>
 *
 * <p>One platform thread, {@code rtp-tick}, empties all sockets each millisecond, knows the
 * sources, and walks each packet's path to the end. A session has a virtual thread of its own for
 * what may wait: the claim, its predecessor's end, its own. Only that one talks to the control
 * plane.
 */
@NullMarked
package live.mirror.receive.rtp;

import org.jspecify.annotations.NullMarked;
