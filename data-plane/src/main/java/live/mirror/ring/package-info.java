/**
 * A live stream's last seconds: one writer, any number of readers, the oldest overwritten. The
 * writer is the thread of the stream's ingest session; a reader belongs to the thread that delivers
 * to one subscriber. Nobody waits for anybody: a reader that is overtaken finds out and is told
 * exactly what it lost. Off the heap, because libsrt writes payloads there by address. Knows
 * nothing of streams, protocols or gRPC.
 */
@NullMarked
package live.mirror.ring;

import org.jspecify.annotations.NullMarked;
