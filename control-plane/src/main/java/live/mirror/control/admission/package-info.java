/**
 * How much is let in, and how long a stream waits for its publisher. The rules stand here as
 * values; the registry's scripts apply them, where check and change are one.
 */
@NullMarked
package live.mirror.control.admission;

import org.jspecify.annotations.NullMarked;
