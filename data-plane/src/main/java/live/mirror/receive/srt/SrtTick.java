package live.mirror.receive.srt;

import java.util.concurrent.locks.LockSupport;

/**
 * The one thread that asks the library who can be read, and reads. It comes by time, not by packet:
 * with each packet readable at an instant of its own, a wake-up per packet would cost twice the CPU
 * of one every few milliseconds that finds several.
 */
final class SrtTick {

    /**
     * How often to look while nobody is connected. Short, because the gate does not wake this
     * thread: to do so cost the receive thread up to 2.7 ms in which this one ran in its place.
     */
    private static final long IDLE_NS = 10_000_000;

    private static final long PULSE_NS = 50_000_000;
    private static final System.Logger LOG = System.getLogger(SrtTick.class.getName());

    private final SrtTransport transport;
    private final long intervalNs;
    private final Work work;
    private final LogBudget log;
    private final Thread thread;

    private volatile boolean stopping;

    /** What the tick does besides polling; called in its thread. */
    interface Work {
        /** Whether anybody is connected. */
        boolean busy();

        /**
         * Comes after each look, every few milliseconds while somebody is connected or connecting.
         */
        void looked(long nowNs);

        /** Comes every 50 ms. */
        void pulse(long nowNs);
    }

    SrtTick(SrtTransport transport, long intervalNs, Work work, LogBudget log) {
        this.log = log;
        this.transport = transport;
        this.intervalNs = intervalNs;
        this.work = work;
        this.thread = Thread.ofPlatform().name("srt-tick").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Ends a long sleep. Any thread. */
    void wake() {
        LockSupport.unpark(thread);
    }

    /** Stops and waits for the thread. */
    void stop() throws InterruptedException {
        stopping = true;
        wake();
        thread.join();
    }

    private void run() {
        long nextNs = System.nanoTime();
        long nextPulseNs = nextNs;
        while (!stopping) {
            long nowNs = System.nanoTime();
            boolean pulse = nowNs - nextPulseNs >= 0;
            try {
                transport.poll();
                work.looked(nowNs);
                if (pulse) {
                    nextPulseNs = nowNs + PULSE_NS;
                    work.pulse(nowNs);
                }
            } catch (RuntimeException e) {
                // One stream's fault; without this thread nobody would be accepted or read.
                log.info(LOG, "the tick goes on after a fault: {0}", e);
            }
            // Behind schedule after a pause: go on from now, without catching up.
            nextNs = Math.max(nextNs + (work.busy() ? intervalNs : IDLE_NS), nowNs);
            LockSupport.parkNanos(this, nextNs - System.nanoTime());
        }
    }
}
