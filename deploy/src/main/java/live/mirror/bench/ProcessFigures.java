package live.mirror.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What a process uses. */
final class ProcessFigures {

    /** USER_HZ, which is 100 on Linux. */
    private static final double TICKS_PER_SECOND = 100;

    private ProcessFigures() {}

    /** User and system time so far, in seconds; in steps of the kernel's tick, 10 ms. */
    static double cpuSeconds(ProcessHandle process) {
        return process.info().totalCpuDuration().orElseThrow().toNanos() / 1e9;
    }

    /**
     * What the just-in-time compilers of a JVM have used so far, in seconds: utime and stime of its
     * compiler threads in /proc/PID/task/TID/stat (proc(5)). A thread that has ended counts no
     * more.
     */
    static double compilerSeconds(ProcessHandle process) throws IOException {
        long ticks = 0;
        try (DirectoryStream<Path> tasks =
                Files.newDirectoryStream(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("CompilerThre")) {
                    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 14);
                    ticks += Long.parseLong(fields[11]) + Long.parseLong(fields[12]);
                }
            }
        } catch (NoSuchFileException e) {
            // A thread that ended meanwhile.
            return ticks / TICKS_PER_SECOND;
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Resident memory in kilobytes: VmRSS of /proc/PID/status (proc(5)). */
    static long rssKb(ProcessHandle process) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .sum();
    }
}
