package live.mirror.control.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/** A connection that sends what a test wants, byte by byte, and reads what comes. */
public final class Peer implements AutoCloseable {

    /** RFC 9113, 3.4. */
    public static final String PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private final Socket socket = new Socket();

    /** Connects from this address of this machine. */
    public Peer(String source, int port) {
        try {
            socket.bind(new InetSocketAddress(InetAddress.getByName(source), 0));
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 5_000);
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(5_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The head of a request by HTTP/1.1. */
    public static String head(String line, String... headers) {
        StringBuilder head = new StringBuilder(line + " HTTP/1.1\r\nHost: a\r\n");
        for (String header : headers) {
            head.append(header).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    /** Sends; a character is a byte. */
    public void send(String text) {
        try {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends, if nobody has hung up; if somebody has, reading tells. */
    public void sendIfOpen(String text) {
        try {
            send(text);
        } catch (UncheckedIOException e) {
            // The reader sees it.
            return;
        }
    }

    /** The next line. */
    public String line() {
        StringBuilder line = new StringBuilder();
        try {
            for (int b = socket.getInputStream().read();
                    b != '\n';
                    b = socket.getInputStream().read()) {
                if (b < 0) {
                    throw new AssertionError("hung up behind: " + line);
                }
                line.append((char) b);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return line.toString();
    }

    /** The first line of an answer, which is read to its end. */
    public String answer() {
        String first = line();
        int length = 0;
        for (String line = line(); !line.isBlank(); line = line()) {
            if (line.startsWith("Content-Length: ")) {
                length = Integer.parseInt(line.substring("Content-Length: ".length()).strip());
            }
        }
        try {
            socket.getInputStream().readNBytes(length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return first;
    }

    /** Reads HTTP/2's frames up to the first one of either type, and says of which it is. */
    public int frame(int one, int other) {
        try {
            while (true) {
                byte[] head = socket.getInputStream().readNBytes(9);
                if (head.length < 9) {
                    throw new AssertionError("hung up");
                }
                socket.getInputStream()
                        .readNBytes(
                                ((head[0] & 0xff) << 16)
                                        + ((head[1] & 0xff) << 8)
                                        + (head[2] & 0xff));
                if (head[3] == one || head[3] == other) {
                    return head[3];
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether the other end has hung up; what it said before is skipped. */
    public boolean isHungUp() {
        return isHungUpWithin(1);
    }

    /** The same, with some patience. */
    public boolean isHungUpSoon() {
        return isHungUpWithin(5_000);
    }

    private boolean isHungUpWithin(int millis) {
        try {
            socket.setSoTimeout(millis);
            byte[] skipped = new byte[65_536];
            int length = 0;
            while (length >= 0) {
                length = socket.getInputStream().read(skipped);
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            // Reset, since it left something unread.
            return true;
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
