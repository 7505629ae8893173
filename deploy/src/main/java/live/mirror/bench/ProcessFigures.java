package live.mirror.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a process uses. */
final class ProcessFigures {

    private ProcessFigures() {}

    /** User and system time so far, in seconds; in steps of the kernel's tick, 10 ms. */
    static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    /** Resident memory in kilobytes: VmRSS of /proc/PID/status (proc(5)). */
    static long rssKb(ProcessHandle process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
