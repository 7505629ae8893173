/**
 * The worker's process: reads the settings, wires the parts in the order a packet meets them, runs
 * the clock, and takes everything down again in the opposite order.
 */
@NullMarked
package live.mirror.worker;

import org.jspecify.annotations.NullMarked;
