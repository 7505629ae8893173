package live.mirror.control.testing;

import java.io.IOException;
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
     * @param status 0 when the connection was closed without an answer
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
            return parse(
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(method + " " + target, e);
        }
    }

    private static Answer parse(String answer) {
        int end = answer.indexOf("\r\n\r\n");
        if (end < 0) {
            return new Answer(0, "", answer);
        }
        String type = "";
        boolean chunked = false;
        String[] lines = answer.substring(0, end).split("\r\n");
        for (String line : lines) {
            String lower = line.toLowerCase(Locale.ROOT);
            if (lower.startsWith("content-type:")) {
                type = lower.substring(13).split(";", 2)[0].strip();
            }
            chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
        }
        String body = answer.substring(end + 4);
        return new Answer(
                Integer.parseInt(lines[0].split(" ", 3)[1]), type, chunked ? joined(body) : body);
    }

    private static String joined(String chunks) {
        StringBuilder body = new StringBuilder();
        int at = 0;
        while (true) {
            int end = chunks.indexOf("\r\n", at);
            int size = Integer.parseInt(chunks.substring(at, end).strip(), 16);
            if (size == 0) {
                return body.toString();
            }
            body.append(chunks, end + 2, end + 2 + size);
            at = end + 2 + size + 2;
        }
    }
}
