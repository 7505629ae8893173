/**
 * What packagers use: {@link live.mirror.client.MirrorSubscriber} finds a stream, subscribes at the
 * worker that has it, resumes after any break and follows it when it moves. Needs nothing but grpc
 * and protobuf. {@link live.mirror.client.Main} is the command line over it.
 *
 * <p>A subscriber works on the one thread that calls it, and hands media to the handler there; a
 * handler that takes its time holds back its own stream, up to the worker's ring, and nobody else.
 */
@NullMarked
package live.mirror.client;

import org.jspecify.annotations.NullMarked;
