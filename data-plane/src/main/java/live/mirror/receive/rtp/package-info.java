/**
 * Receives RTP. The path of a packet:
 *
 * <pre>
 *   UDP sockets ──▶ tick thread: who sends it? ──▶ inbox ──▶ session's virtual thread:
 *   parse, sequence, jitter, FEC, reorder window ──▶ ring
 * </pre>
 *
 * <p>One platform thread, {@code rtp-tick}, empties all sockets each millisecond, knows the sources
 * and puts each one's datagrams into its session's inbox. Each session is a virtual thread, woken
 * once a tick when there is something for it. Only a session talks to the control plane.
 */
@NullMarked
package live.mirror.receive.rtp;

import org.jspecify.annotations.NullMarked;
