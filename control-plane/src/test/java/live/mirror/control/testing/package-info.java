/** What several tests of the control plane use. */
@NullMarked
package live.mirror.control.testing;

import org.jspecify.annotations.NullMarked;
