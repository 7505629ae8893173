package live.mirror.bench;

import java.io.IOException;

/** Takes streams over SRT and hands them to readers, and can be measured doing so. */
interface PathServer extends AutoCloseable {

    /** The time that a publisher needs to get going: rates are known, buffers are filled. */
    int SETTLE_SECONDS = 2;

    /** What it is called in the figures. */
    String name();

    /**
     * Publishers and readers come, are counted after so many seconds for so many seconds, and go.
     *
     * @param round which time this is; streams have other names each time
     */
    PathFigures measure(PathLoad load, int round, int warmSeconds, int seconds)
            throws IOException, InterruptedException;

    @Override
    void close() throws InterruptedException;
}
