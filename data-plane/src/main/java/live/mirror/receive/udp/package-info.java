/**
 * UDP sockets that are emptied in batches by one system call, without allocation per datagram, and
 * that tell when the kernel dropped something. Linux by way of JNA: a {@code DatagramChannel} can't
 * show {@code SO_RXQ_OVFL} or arrival times, and allocates an address whenever the sender changes.
 * A socket is read by one thread, the tick of its receiver; any thread may send.
 */
@NullMarked
package live.mirror.receive.udp;

import org.jspecify.annotations.NullMarked;
