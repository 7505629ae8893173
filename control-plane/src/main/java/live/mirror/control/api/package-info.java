/**
 * The public API, by gRPC and by HTTP: one set of operations, two faces. Each request runs on its
 * own virtual thread.
 */
@NullMarked
package live.mirror.control.api;

import org.jspecify.annotations.NullMarked;
