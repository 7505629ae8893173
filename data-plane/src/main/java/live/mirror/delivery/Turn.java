package live.mirror.delivery;

/**
 * When a subscription has its turn: with its loop's next pass, or the one after where little comes.
 * A chunk costs its message, its system call and its reader's wake-up whatever its size, so one of
 * twice the size in half as many passes is cheaper for both ends. The event loop's own.
 */
final class Turn implements Runnable {

    /** Who gets less than that in a turn sits the next pass out: streams below some 10 Mb/s. */
    static final int SMALL_BYTES = 8 * 1024;

    private final DeliveryLoop loop;
    private final Runnable pump;

    private long bytes = SMALL_BYTES;
    private boolean sittingOut;

    Turn(DeliveryLoop loop, Runnable pump) {
        this.loop = loop;
        this.pump = pump;
    }

    /** Notes what was sent in this turn. */
    void sent(int more) {
        bytes += more;
    }

    @Override
    public void run() {
        sittingOut = !sittingOut && bytes < SMALL_BYTES;
        if (sittingOut) {
            loop.wake(this);
        } else {
            bytes = 0;
            pump.run();
        }
    }
}
