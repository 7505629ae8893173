package live.mirror.receive.srt.libsrt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * The thread in which libsrt receives for one UDP socket, found by its name among the threads of
 * this process.
 */
final class ReceiveThread {

    private static final Path TASKS = Path.of("/proc/self/task");
    private static final String NAME = "SRT:RcvQ";

    private final Path schedstat;

    private ReceiveThread(Path schedstat) {
        this.schedstat = schedstat;
    }

    /** The receive threads that run now. */
    static Set<Path> running() {
        Set<Path> found = new HashSet<>();
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                if (isReceiveThread(task)) {
                    found.add(task);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found;
    }

    /** The one that runs now and did not before. */
    static ReceiveThread newSince(Set<Path> before) {
        Set<Path> now = running();
        now.removeAll(before);
        // With several at the same instant any of them is as good a guess; none means that its time
        // is not known.
        return new ReceiveThread(
                now.stream().findFirst().orElse(Path.of("/nonexistent")).resolve("schedstat"));
    }

    /** CPU time used so far, in nanoseconds; 0 when it is not known. */
    long cpuNs() {
        try {
            String text = Files.readString(schedstat);
            return Long.parseLong(text.substring(0, text.indexOf(' ')));
        } catch (IOException e) {
            return 0;
        }
    }

    private static boolean isReceiveThread(Path task) {
        try {
            return Files.readString(task.resolve("comm")).startsWith(NAME);
        } catch (IOException e) {
            // It has ended meanwhile.
            return false;
        }
    }
}
