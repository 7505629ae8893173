/**
 * Turns RTP packets back into what the encoder made: access units of H.264 (RFC 6184), H.265 (RFC
 * 7798) and AAC (RFC 3640). A depacketiser takes the packets of one source in order and belongs to
 * one thread; packets that are malformed are counted and dropped with the access unit that they
 * belong to.
 */
@NullMarked
package live.mirror.rtp.depacketise;

import org.jspecify.annotations.NullMarked;
