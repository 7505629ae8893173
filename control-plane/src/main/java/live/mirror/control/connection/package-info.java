/**
 * The places of the listeners: who may take one, and for how long a peer may keep it while it sends
 * or takes nothing. Helidon 4.4.0 lets a peer that is within a request stay for as long as it
 * likes. Each connection is served by a virtual thread of Helidon's, and one virtual thread per
 * listener sweeps.
 */
@NullMarked
package live.mirror.control.connection;

import org.jspecify.annotations.NullMarked;
