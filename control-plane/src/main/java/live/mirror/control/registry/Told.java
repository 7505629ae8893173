package live.mirror.control.registry;

import live.mirror.v1.StreamStatus;

/**
 * A stream as the registry hears of it.
 *
 * @param id stream id
 * @param epoch of the session that the worker tells of
 * @param status at the worker
 * @param silentMs how long it has brought no media, in milliseconds; 0 while it does
 * @param kbps its bitrate in kilobits per second where it changed noticeably, otherwise 0
 * @param changed whether anything is new of it but that it is still there
 */
public record Told(
        String id, long epoch, StreamStatus status, long silentMs, long kbps, boolean changed) {}
