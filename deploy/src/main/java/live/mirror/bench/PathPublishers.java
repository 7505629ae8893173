package live.mirror.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** The publishers of one load: an {@code srtgen} (deploy/floor). */
final class PathPublishers implements AutoCloseable {

    /** From the last connection to the first message: all readers have subscribed by then. */
    static final int CONNECTED_TO_START_MS = 3_000;

    private final Process process;
    private final BufferedReader said;

    private PathPublishers(Process process) {
        this.process = process;
        this.said = process.inputReader();
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
        String connected = publishers.said.readLine();
        if (connected == null || !connected.contains(" connected=" + load.streams() + " ")) {
            publishers.close();
            throw new IOException("the publishers did not connect: " + connected);
        }
        return publishers;
    }

    /** Waits for their end; how many messages they say that they sent. */
    long sent() throws IOException {
        for (String line = said.readLine(); line != null; line = said.readLine()) {
            int at = line.indexOf(" msgs=");
            if (line.startsWith("END ") && at > 0) {
                int from = at + " msgs=".length();
                return Long.parseLong(line.substring(from, line.indexOf(' ', from)));
            }
        }
        throw new IOException("the publishers ended early");
    }

    @Override
    public void close() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
