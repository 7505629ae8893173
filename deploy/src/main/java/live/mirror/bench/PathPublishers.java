package live.mirror.bench;

import java.io.IOException;
import java.nio.file.Path;

/** The publishers of one load: an {@code srtgen} (deploy/floor). */
final class PathPublishers implements AutoCloseable {

    /** From the last connection to the first message: all readers have subscribed by then. */
    static final int CONNECTED_TO_START_MS = 3_000;

    private final Process process;
    private final ToolOutput said;

    private PathPublishers(Process process) {
        this.process = process;
        this.said = new ToolOutput("the publishers", process);
    }

    /**
     * Connects all.
     *
     * @param idFormat stream id, with %d for the stream's number
     */
    static PathPublishers connect(
            Path generator, int port, String idFormat, PathLoad load, int seconds)
            throws IOException, InterruptedException {
        PathPublishers publishers =
                new PathPublishers(
                        new ProcessBuilder(
                                        generator.toString(),
                                        "-p",
                                        Integer.toString(port),
                                        "-n",
                                        Integer.toString(load.streams()),
                                        "-m",
                                        Integer.toString(load.mbps()),
                                        "-t",
                                        Integer.toString(seconds),
                                        "-w",
                                        Integer.toString(CONNECTED_TO_START_MS),
                                        "-i",
                                        idFormat)
                                .redirectError(ProcessBuilder.Redirect.INHERIT)
                                .start());
        String connected = publishers.said.await("READY").get("connected");
        if (!Integer.toString(load.streams()).equals(connected)) {
            publishers.close();
            throw new IOException("of the publishers only " + connected + " connected");
        }
        return publishers;
    }

    /** Waits for their end; how many messages they say that they sent. */
    long sent() throws IOException {
        return Long.parseLong(said.await("END").get("msgs"));
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
