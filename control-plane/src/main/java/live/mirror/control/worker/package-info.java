/**
 * The control plane's end of the link to the workers: registration, claims, reports up; commands
 * down. Each call runs on its own virtual thread.
 */
@NullMarked
package live.mirror.control.worker;

import org.jspecify.annotations.NullMarked;
