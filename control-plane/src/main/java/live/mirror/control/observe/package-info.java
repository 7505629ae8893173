/** The control plane's figures and health. */
@NullMarked
package live.mirror.control.observe;

import org.jspecify.annotations.NullMarked;
