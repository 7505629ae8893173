package live.mirror.receive.srt;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;

/**
 * An SRT caller made of bare datagrams (draft-sharabayko-srt, section 3), so that it can do what
 * libsrt would never do. Used by one thread.
 */
final class RawSrtPeer implements AutoCloseable {

    private static final int CONTROL = 0x8000_0000;
    private static final int INDUCTION = 1;
    private static final int CONCLUSION = -1;
    private static final int HEADER_BYTES = 16;
    private static final int SOCKET_ID = 4711;

    // Offsets in a handshake packet.
    private static final int REQUEST_TYPE = HEADER_BYTES + 20;
    private static final int PEER_SOCKET = HEADER_BYTES + 24;
    private static final int COOKIE = HEADER_BYTES + 28;

    private static final int EXTENSION_STREAM_ID = 5;
    private static final int EXTENSION_FILTER = 7;

    private final DatagramChannel channel;
    private final ByteBuffer out = ByteBuffer.allocate(1_500);
    private final ByteBuffer in = ByteBuffer.allocate(1_500);
    private int peerSocket;

    RawSrtPeer(InetSocketAddress to) throws IOException {
        this(to, InetAddress.getLoopbackAddress());
    }

    /** One that sends from this address of the machine. */
    RawSrtPeer(InetSocketAddress to, InetAddress from) throws IOException {
        channel = DatagramChannel.open();
        channel.bind(new InetSocketAddress(from, 0));
        channel.configureBlocking(false);
        channel.connect(to);
    }

    /** Asks for a cookie, as every handshake begins. */
    void sendInduction() throws IOException {
        handshake(4, 2, INDUCTION, 0);
        send();
    }

    /** Handshakes up to the answer; answers whether the peer was accepted. */
    boolean connect(String streamId) throws IOException {
        return connect(streamId, "");
    }

    /** The same with a packet filter (FEC) configured like this; empty sends none. */
    boolean connect(String streamId, String packetFilter) throws IOException {
        sendInduction();
        if (!awaitAnswer() || in.getInt(REQUEST_TYPE) != INDUCTION) {
            return false;
        }
        sendConclusion(streamId, in.getInt(COOKIE), packetFilter);
        if (!awaitAnswer() || in.getInt(REQUEST_TYPE) != CONCLUSION) {
            return false;
        }
        peerSocket = in.getInt(PEER_SOCKET);
        return true;
    }

    /** Ends the handshake; with a key message that no passphrase fits, if wanted. */
    void sendConclusion(String streamId, int cookie, boolean wrongKey) throws IOException {
        conclusion(streamId, cookie, wrongKey);
        send();
    }

    private void conclusion(String streamId, int cookie, boolean wrongKey) {
        handshake(5, wrongKey ? 0x0002_0007 : 5, CONCLUSION, cookie);
        // Extension HSREQ (1): version 1.5.1, flags, latencies of 120 ms.
        out.putShort((short) 1)
                .putShort((short) 3)
                .putInt(0x01_05_01)
                .putInt(0xbf)
                .putShort((short) 120)
                .putShort((short) 120);
        if (wrongKey) {
            keyMessage();
        }
        text(EXTENSION_STREAM_ID, streamId);
    }

    /** An extension of text, in words of four bytes, each turned round. */
    private void text(int extension, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        int words = (bytes.length + 3) / 4;
        out.putShort((short) extension).putShort((short) words);
        for (int i = 0; i < words * 4; i++) {
            int at = (i & ~3) + 3 - (i & 3);
            out.put(at < bytes.length ? bytes[at] : 0);
        }
    }

    /** Ends the handshake; with a packet filter configured like this; empty sends none. */
    void sendConclusion(String streamId, int cookie, String packetFilter) throws IOException {
        conclusion(streamId, cookie, false);
        if (!packetFilter.isEmpty()) {
            text(EXTENSION_FILTER, packetFilter);
        }
        send();
    }

    /** A control packet of any type and content, to the accepted connection. */
    void sendControl(int type, int subtype, int additional, int... content) throws IOException {
        out.clear();
        out.putInt(CONTROL | (type << 16) | subtype)
                .putInt(additional)
                .putInt(0)
                .putInt(peerSocket);
        for (int word : content) {
            out.putInt(word);
        }
        send();
    }

    /** Any bytes. */
    void sendBytes(byte[] bytes, int length) throws IOException {
        out.clear();
        out.put(bytes, 0, length);
        send();
    }

    /** The datagram that was made last. */
    byte[] last() {
        byte[] copy = new byte[out.limit()];
        out.get(0, copy);
        return copy;
    }

    /** The cookie of the last answer. */
    int cookie() {
        return in.getInt(COOKIE);
    }

    boolean awaitAnswer() throws IOException {
        long deadlineNs = System.nanoTime() + 3_000_000_000L;
        do {
            in.clear();
            if (channel.read(in) > 0) {
                return true;
            }
            Thread.onSpinWait();
        } while (System.nanoTime() - deadlineNs < 0);
        return false;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void handshake(int version, int extension, int type, int cookie) {
        out.clear();
        out.putInt(CONTROL).putInt(0).putInt(0).putInt(0);
        out.putInt(version)
                .putInt(extension)
                .putInt(1_000)
                .putInt(1_500)
                .putInt(8_192)
                .putInt(type);
        out.putInt(SOCKET_ID).putInt(cookie).putInt(0x0100_007f).putInt(0).putInt(0).putInt(0);
    }

    /**
     * Extension KMREQ (3): a well-formed key message (section 3.2.2) whose wrapped key is random.
     */
    private void keyMessage() {
        out.putShort((short) 3).putShort((short) 18);
        out.putInt(0x12_20_29_01).putInt(0).putInt(0x02_00_02_00).putInt(0x00_00_04_04);
        for (int i = 0; i < 14; i++) {
            out.putInt(0x9e37_79b9 * (i + 1));
        }
    }

    private void send() throws IOException {
        out.flip();
        try {
            channel.write(out);
        } catch (IOException e) {
            // The kernel's buffer is full, or somebody refused an earlier one: a flood goes on.
            return;
        }
    }
}
