/**
 * The worker's link to the control plane: registers, claims, releases, reports, and obeys commands.
 * One virtual thread keeps the link; claims run on the sessions' own threads. Nothing here is on
 * the path of a packet: with the control plane away, running streams run on.
 */
@NullMarked
package live.mirror.link;

import org.jspecify.annotations.NullMarked;
