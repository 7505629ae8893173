package live.mirror.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Takes renewed files into use, certificates for instance, within {@link #INTERVAL_S} seconds and
 * without a restart. Files that can't be used, because they are just being written, are tried
 * again. A virtual thread of its own.
 */
public final class FileRenewal implements AutoCloseable {

    private static final Logger LOG = System.getLogger(FileRenewal.class.getName());
    private static final int INTERVAL_S = 2;

    private final List<Path> files;
    private final Runnable reload;
    private final CountDownLatch closed = new CountDownLatch(1);

    /**
     * Looks after these files from now on.
     *
     * @param reload takes them into use; throws when they can't be, and the old ones stay
     */
    public FileRenewal(List<Path> files, Runnable reload) {
        this.files = files;
        this.reload = reload;
        List<FileTime> inUse = changed();
        Thread.ofVirtual().name("file-renewal").start(() -> run(inUse));
    }

    private void run(List<FileTime> first) {
        List<FileTime> inUse = first;
        String told = "";
        try {
            while (!closed.await(INTERVAL_S, TimeUnit.SECONDS)) {
                try {
                    List<FileTime> now = changed();
                    if (!now.equals(inUse)) {
                        reload.run();
                        inUse = now;
                        told = "";
                        LOG.log(Level.INFO, "{0} is in use from now on", files.getFirst());
                    }
                } catch (RuntimeException e) {
                    if (!told.equals(e.toString())) {
                        told = e.toString();
                        LOG.log(
                                Level.WARNING,
                                "what stood in " + files.getFirst() + " before stays in use",
                                e);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private List<FileTime> changed() {
        return files.stream().map(FileRenewal::changed).toList();
    }

    private static FileTime changed(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
