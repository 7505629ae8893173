package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtException;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;

/**
 * A publisher for tests: a libsrt caller in this process. {@link LibSrt} has to be open. Used by
 * one thread.
 */
public final class SrtCaller implements AutoCloseable {

    private static final int SNDDATA = 19;
    private static final int PEERLATENCY = 44;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(2_048, 8);
    private final int socket;

    /** What a caller may want to be different. */
    public record Options(
            String streamId,
            String passphrase,
            int keyBytes,
            int latencyMs,
            String packetFilter,
            int localPort) {
        /** In the clear, at 120 ms. */
        public Options(String streamId) {
            this(streamId, "", 0, 120, "", 0);
        }

        /** The same with encryption. */
        public Options encrypted(String newPassphrase, int newKeyBytes) {
            return new Options(
                    streamId, newPassphrase, newKeyBytes, latencyMs, packetFilter, localPort);
        }

        /** The same from a UDP port that it may share with other callers. */
        public Options from(int newLocalPort) {
            return new Options(
                    streamId, passphrase, keyBytes, latencyMs, packetFilter, newLocalPort);
        }

        /** The same with a packet filter (FEC). */
        public Options filtered(String newPacketFilter) {
            return new Options(
                    streamId, passphrase, keyBytes, latencyMs, newPacketFilter, localPort);
        }

        /** The same with another latency. */
        public Options latency(int newLatencyMs) {
            return new Options(
                    streamId, passphrase, keyBytes, newLatencyMs, packetFilter, localPort);
        }
    }

    private SrtCaller(int socket) {
        this.socket = socket;
    }

    /** Connects in the clear. */
    public static SrtCaller connect(InetSocketAddress to, String streamId) {
        return connect(to, new Options(streamId));
    }

    /** Connects; a refusal is an {@link SrtException} with the reject reason. */
    public static SrtCaller connect(InetSocketAddress to, Options options) {
        int socket = SrtNatives.srt_create_socket();
        try (Arena arena = Arena.ofConfined()) {
            SocketOptions flags = new SocketOptions(arena);
            flags.set(socket, SrtNatives.RCVLATENCY, options.latencyMs());
            flags.set(socket, SrtNatives.CONNTIMEO, 3_000);
            flags.set(socket, PEERLATENCY, options.latencyMs());
            if (!options.streamId().isEmpty()) {
                flags.set(socket, SrtNatives.STREAMID, options.streamId());
            }
            if (!options.passphrase().isEmpty()) {
                flags.set(socket, SrtNatives.PASSPHRASE, options.passphrase());
                flags.set(socket, SrtNatives.PBKEYLEN, options.keyBytes());
            }
            if (!options.packetFilter().isEmpty()) {
                flags.set(socket, SrtNatives.PACKETFILTER, options.packetFilter());
            }
            MemorySegment address = arena.allocate(SocketAddresses.MAX_BYTES, 8);
            if (options.localPort() > 0) {
                int localLength =
                        SocketAddresses.write(
                                new InetSocketAddress(to.getAddress(), options.localPort()),
                                address);
                SrtNatives.srt_bind(socket, address.address(), localLength);
            }
            int length = SocketAddresses.write(to, address);
            if (SrtNatives.srt_connect(socket, address.address(), length) != 0) {
                String error = LibSrt.lastError();
                int reason = SrtNatives.srt_getrejectreason(socket);
                SrtNatives.srt_close(socket);
                throw new SrtException(error + ", reason " + reason, reason);
            }
        }
        return new SrtCaller(socket);
    }

    /** Sends one message; blocks while libsrt's buffer is full. */
    public void send(byte[] message) {
        MemorySegment.copy(message, 0, buffer, ValueLayout.JAVA_BYTE, 0, message.length);
        if (SrtNatives.srt_sendmsg2(socket, buffer.address(), message.length, 0) < 0) {
            throw new SrtException(LibSrt.lastError());
        }
    }

    /** Waits until the other side has acknowledged everything. */
    public void awaitSent() {
        SocketOptions flags = new SocketOptions(arena);
        while (connected() && flags.number(socket, SNDDATA) > 0) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Whether the connection still stands. */
    public boolean connected() {
        return SrtNatives.srt_getsockstate(socket) < SrtNatives.STATUS_BROKEN;
    }

    @Override
    public void close() {
        SrtNatives.srt_close(socket);
        arena.close();
    }
}
