/**
 * Starts Mirror's processes as an operator would, for the demonstration and for the system tests.
 */
@NullMarked
package live.mirror.deploy;

import org.jspecify.annotations.NullMarked;
