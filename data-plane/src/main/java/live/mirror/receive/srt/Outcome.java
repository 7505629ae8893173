package live.mirror.receive.srt;

import live.mirror.v1.Reason;

/**
 * How a session went.
 *
 * @param reason why it ended, or why it never began
 * @param detail one sentence for people
 * @param received whether media came
 */
record Outcome(Reason reason, String detail, boolean received) {}
