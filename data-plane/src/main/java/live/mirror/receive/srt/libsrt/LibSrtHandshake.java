package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;
import live.mirror.receive.srt.SrtHandshake;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/**
 * A handshake as libsrt's listen callback sees it; one object per listener, whose one receive
 * thread fills it.
 */
final class LibSrtHandshake implements SrtHandshake {

    /** By the protocol (section 3.2.1.3 of the draft); libsrt itself refuses more. */
    static final int MAX_STREAM_ID_BYTES = 512;

    private final byte[] streamId = new byte[MAX_STREAM_ID_BYTES];
    private int streamIdLength;
    private long peerAddress;
    private int socket;
    private final SocketOptions options = new SocketOptions(Arena.ofAuto());

    void fill(int newSocket, long peer, long streamIdAddress) {
        socket = newSocket;
        peerAddress = peer;
        streamIdLength = 0;
        if (streamIdAddress != 0) {
            MemorySegment text =
                    MemorySegment.ofAddress(streamIdAddress).reinterpret(MAX_STREAM_ID_BYTES + 1L);
            // Byte by byte: what stands behind the final zero may be another's memory.
            for (byte b = text.get(ValueLayout.JAVA_BYTE, 0);
                    b != 0 && streamIdLength < MAX_STREAM_ID_BYTES;
                    b = text.get(ValueLayout.JAVA_BYTE, streamIdLength)) {
                streamId[streamIdLength++] = b;
            }
        }
    }

    @Override
    public byte[] streamId() {
        return streamId;
    }

    @Override
    public int streamIdLength() {
        return streamIdLength;
    }

    @Override
    public InetSocketAddress peer() {
        return SocketAddresses.read(
                MemorySegment.ofAddress(peerAddress).reinterpret(SocketAddresses.MAX_BYTES));
    }

    @Override
    public boolean rehearsal() {
        return socket == SrtNatives.INVALID_SOCKET;
    }

    @Override
    public int attempt() {
        return socket;
    }

    @Override
    public void encrypted(byte[] passphrase, int keyBytes) {
        require(options.trySet(socket, SrtNatives.PASSPHRASE, passphrase));
        if (keyBytes > 0) {
            require(options.trySet(socket, SrtNatives.PBKEYLEN, keyBytes));
        }
    }

    @Override
    public void latency(int milliseconds) {
        require(options.trySet(socket, SrtNatives.RCVLATENCY, milliseconds));
    }

    @Override
    public void sizes(int flowWindowPackets, int receiveBufferBytes) {
        // libsrt cuts the receive buffer to the flow window, so that comes first.
        require(options.trySet(socket, SrtNatives.FC, flowWindowPackets));
        require(options.trySet(socket, SrtNatives.RCVBUF, receiveBufferBytes));
    }

    @Override
    public void tolerance(int peerIdleMs, int reorderPackets) {
        require(options.trySet(socket, SrtNatives.PEERIDLETIMEO, peerIdleMs));
        require(options.trySet(socket, SrtNatives.LOSSMAXTTL, reorderPackets));
    }

    @Override
    public void packetFilter(String filter) {
        require(
                options.trySet(
                        socket,
                        SrtNatives.PACKETFILTER,
                        filter.getBytes(StandardCharsets.US_ASCII)));
    }

    @Override
    public void immediate() {
        require(options.trySet(socket, SrtNatives.TSBPDMODE, 0));
    }

    private void require(boolean done) {
        if (!done && !rehearsal()) {
            // The hook turns it into a refusal.
            throw new SrtException("libsrt refuses an option of a new socket");
        }
    }
}
