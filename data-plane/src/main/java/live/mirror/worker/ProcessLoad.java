package live.mirror.worker;

import com.sun.management.OperatingSystemMXBean;

import java.lang.management.ManagementFactory;

/** How much processor time this process uses. Used by the worker's clock. */
final class ProcessLoad {

    private final OperatingSystemMXBean system =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    private long lastCpuNs = system.getProcessCpuTime();
    private long lastNs = System.nanoTime();
    private volatile double cores;

    /** Takes the share since the last call. */
    void sample(long nowNs) {
        long cpuNs = system.getProcessCpuTime();
        if (nowNs > lastNs) {
            cores = (double) (cpuNs - lastCpuNs) / (nowNs - lastNs);
        }
        lastCpuNs = cpuNs;
        lastNs = nowNs;
    }

    /** Share of one core at the last sample; 1.0 is one whole core. */
    double cores() {
        return cores;
    }
}
