/** Starts and stops this process. */
@NullMarked
package live.mirror.worker;

import org.jspecify.annotations.NullMarked;
