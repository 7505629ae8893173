/**
 * Measures delivery against plain TCP, in processes of their own on this machine. Started by {@code
 * deploy/bench delivery}; ratios inside one run count, absolute figures depend on the machine.
 */
@NullMarked
package live.mirror.bench;

import org.jspecify.annotations.NullMarked;
