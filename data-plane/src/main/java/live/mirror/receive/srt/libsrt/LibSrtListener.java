package live.mirror.receive.srt.libsrt;

import live.mirror.receive.srt.SrtConnection;
import live.mirror.receive.srt.SrtListener;

import org.jspecify.annotations.Nullable;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Set;

/** A listening libsrt socket with its UDP socket and its hook. */
final class LibSrtListener implements SrtListener {

    private final LibSrt owner;
    private final int socket;
    private final UdpSocket udp;
    private final ReceiveThread receiveThread;

    /**
     * libsrt calls it as long as the socket lives; this reference keeps it from being collected.
     */
    @SuppressWarnings({"unused", "FieldCanBeLocal"})
    private final ListenHook hook;

    LibSrtListener(
            LibSrt owner, int socket, UdpSocket udp, ReceiveThread receiveThread, ListenHook hook) {
        this.owner = owner;
        this.socket = socket;
        this.udp = udp;
        this.receiveThread = receiveThread;
        this.hook = hook;
    }

    int socket() {
        return socket;
    }

    @Override
    public InetSocketAddress address() {
        return udp.address();
    }

    @Override
    public @Nullable SrtConnection accept() {
        int accepted = SrtNatives.srt_accept(socket, 0, 0);
        return accepted == SrtNatives.INVALID_SOCKET ? null : new LibSrtConnection(accepted, owner);
    }

    @Override
    public int udpReceiveBufferBytes() {
        return udp.receiveBufferBytes();
    }

    @Override
    public long droppedDatagrams() {
        return udp.droppedDatagrams();
    }

    @Override
    public void shutOut(Set<InetAddress> sources) {
        udp.shutOut(sources);
    }

    @Override
    public long receiveThreadCpuNs() {
        return receiveThread.cpuNs();
    }

    @Override
    public void close() {
        owner.forget(this);
        SrtNatives.srt_close(socket);
    }
}
