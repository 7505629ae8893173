package live.mirror.control.registry;

/**
 * The cluster in numbers.
 *
 * @param streams streams that have not stopped
 * @param places places taken in the cluster; less than {@code streams} while workers are lost
 * @param kbps bitrate reserved, in kilobits per second
 * @param workers workers whose lease runs
 * @param poisoned records that were set aside
 * @param granted places that workers may give away alone
 */
public record Summary(
        long streams, long places, long kbps, long workers, long poisoned, long granted) {

    /** Before the first answer. */
    public static final Summary NOTHING = new Summary(0, 0, 0, 0, 0, 0);
}
