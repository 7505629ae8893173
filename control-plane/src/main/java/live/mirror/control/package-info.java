/** Starts and stops this process. */
@NullMarked
package live.mirror.control;

import org.jspecify.annotations.NullMarked;
