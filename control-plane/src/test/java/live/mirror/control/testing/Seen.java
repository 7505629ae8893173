package live.mirror.control.testing;

/**
 * One change as any watcher may see it.
 *
 * @param id of the event
 * @param stream whose it is; empty for what is of no stream
 * @param status of the stream, or what else the event is
 * @param epoch of the stream
 */
public record Seen(String id, String stream, String status, long epoch) {}
