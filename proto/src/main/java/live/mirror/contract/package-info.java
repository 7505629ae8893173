/**
 * The parts of the contract that a .proto file can't say: what a stream id may look like, and how a
 * reason travels on SRT, gRPC and HTTP. Values only; any thread may use them.
 */
@NullMarked
package live.mirror.contract;

import org.jspecify.annotations.NullMarked;
