package live.mirror.receive.srt;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;

/** ffmpeg as an encoder: a test picture in H.264 in MPEG-TS over SRT, in real time. */
final class FfmpegPublisher implements AutoCloseable {

    private final Process process;

    private FfmpegPublisher(Process process) {
        this.process = process;
    }

    /** Calls a listener and publishes there. */
    static FfmpegPublisher start(InetSocketAddress to, String streamId) throws IOException {
        return start(
                "srt://127.0.0.1:" + to.getPort() + "?streamid=" + streamId + "&pkt_size=1316");
    }

    /** Waits for a caller and sends to it. */
    static FfmpegPublisher listen(int port, String passphrase) throws IOException {
        return start(
                "srt://127.0.0.1:"
                        + port
                        + "?mode=listener&pkt_size=1316&pbkeylen=32&passphrase="
                        + passphrase);
    }

    private static FfmpegPublisher start(String url) throws IOException {
        return new FfmpegPublisher(
                new ProcessBuilder(
                                "ffmpeg",
                                "-hide_banner",
                                "-loglevel",
                                "error",
                                "-nostdin",
                                "-re",
                                "-f",
                                "lavfi",
                                "-i",
                                "testsrc2=size=320x180:rate=25",
                                "-c:v",
                                "libx264",
                                "-preset",
                                "ultrafast",
                                "-tune",
                                "zerolatency",
                                "-g",
                                "25",
                                "-b:v",
                                "1500k",
                                "-f",
                                "mpegts",
                                url)
                        .inheritIO()
                        .start());
    }

    /** Ends it without giving it time for a word: SIGKILL. */
    void kill() {
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() {
        kill();
    }
}
