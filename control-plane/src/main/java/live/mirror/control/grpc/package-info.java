/** Makes Helidon's gRPC server keep the promises that grpc-java's server keeps. */
@NullMarked
package live.mirror.control.grpc;

import org.jspecify.annotations.NullMarked;
