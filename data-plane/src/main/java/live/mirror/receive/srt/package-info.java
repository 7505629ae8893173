/**
 * Takes streams in over SRT. A handshake meets the {@link live.mirror.receive.srt.IngestGate} in
 * the receive thread of its port; an accepted connection becomes a {@link
 * live.mirror.receive.srt.SrtSession} on a virtual thread of its own; the one platform thread
 * {@code srt-tick} looks every few milliseconds which connections can be read and drains them
 * straight into their rings. Nobody waits inside the SRT library.
 *
 * <p>The library itself stands behind {@link live.mirror.receive.srt.SrtTransport}; nothing here
 * knows which one it is.
 */
@NullMarked
package live.mirror.receive.srt;

import org.jspecify.annotations.NullMarked;
