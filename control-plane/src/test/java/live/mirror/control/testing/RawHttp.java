package live.mirror.control.testing;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Requests that no well-behaved client would send, byte by byte, each on a connection of its own.
 */
public final class RawHttp {

    private RawHttp() {}

    /**
     * What came back.
     *
     * @param status of HTTP
     * @param contentType without its parameters; empty when there is none
     * @param body as text
     */
    public record Answer(int status, String contentType, String body) {}

    /** Sends a request with a body of this type and reads all of the answer. */
    public static Answer send(
            int port, String method, String target, String contentType, String body) {
        byte[] entity = body.getBytes(StandardCharsets.UTF_8);
        String type = contentType.isEmpty() ? "" : "Content-Type: " + contentType + "\r\n";
        String head =
                method
                        + " "
                        + target
                        + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + type
                        + (entity.length == 0 ? "" : "Content-Length: " + entity.length + "\r\n")
                        + "\r\n";
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(entity);
            socket.getOutputStream().flush();
            return read(socket.getInputStream(), method.equals("HEAD"));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + target, e);
        }
    }

    private static Answer read(InputStream in, boolean head) throws IOException {
        String status = line(in);
        String type = "";
        int length = -1;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-type:")) {
                type = lower.substring(13).split(";", 2)[0].strip();
            } else if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(lower.substring(15).strip());
            }
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        if (!head && length >= 0) {
            body.write(in.readNBytes(length));
        } else if (!head) {
            for (int size = chunk(in); size > 0; size = chunk(in)) {
                body.write(in.readNBytes(size));
                line(in);
            }
        }
        return new Answer(
                Integer.parseInt(status.split(" ", 3)[1]),
                type,
                body.toString(StandardCharsets.UTF_8));
    }

    private static int chunk(InputStream in) throws IOException {
        return Integer.parseInt(line(in).strip(), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException("closed behind: " + line);
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        return line.toString();
    }
}
